#include "process/onnx_model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The file is one message of Protocol Buffers: fields, each a number with its kind, and its value;
 * a message in it is a field with a length. onnx.proto gives these numbers their meaning.
 */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
enum { MODEL_GRAPH = 7, MODEL_METADATA = 14 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { GRAPH_INPUT = 11 };
enum { VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIMENSION = 1, DIMENSION_VALUE = 1 };
enum { ELEMENT_FLOAT = 1 };

enum { NAMES_MAX = 1 << 20, SIDE_MAX = 8192, DIMENSIONS = 4 };

struct file {
    int fd;
    int64_t at; /* of the next byte */
    unsigned char buffer[4096];
    int64_t buffer_at;
    size_t buffered;
};

/* A message, or one that stands in it: its bytes end at `end`. */
struct message {
    struct file *file;
    int64_t end;
};

struct field {
    uint64_t number, value; /* of VARINT; of BYTES their number */
    int kind;
};

static wildcam_status fail_model(const char *why)
{
    return wci_fail(WILDCAM_ERR_INVALID, "it is no ONNX model: %s", why);
}

static wildcam_status read_byte(struct message *message, unsigned char *byte)
{
    struct file *file = message->file;
    if (file->at >= message->end)
        return fail_model("it ends in the middle of a field");
    int64_t offset = file->at - file->buffer_at;
    if (offset < 0 || offset >= (int64_t)file->buffered) {
        ssize_t got = pread(file->fd, file->buffer, sizeof file->buffer, (off_t)file->at);
        if (got < 0)
            return wci_fail_os(errno, "it cannot be read");
        if (got == 0)
            return fail_model("it ends in the middle of a field");
        file->buffer_at = file->at;
        file->buffered = (size_t)got;
        offset = 0;
    }
    *byte = file->buffer[offset];
    file->at++;
    return WILDCAM_OK;
}

static wildcam_status read_varint(struct message *message, uint64_t *value)
{
    unsigned char byte = 0x80;
    *value = 0;
    for (unsigned shift = 0; byte & 0x80; shift += 7) {
        if (shift > 63)
            return fail_model("a number in it has more than 64 bits");
        wildcam_status status = read_byte(message, &byte);
        if (status != WILDCAM_OK)
            return status;
        *value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return WILDCAM_OK;
}

/* Reads a field up to its value; of BYTES, up to the first of them. */
static wildcam_status read_field(struct message *message, struct field *field)
{
    uint64_t key, left;
    wildcam_status status = read_varint(message, &key);
    if (status != WILDCAM_OK)
        return status;
    field->kind = (int)(key & 7);
    field->number = key >> 3;
    field->value = 0;
    if (field->kind == VARINT)
        return read_varint(message, &field->value);
    if (field->kind == BYTES)
        status = read_varint(message, &field->value);
    else if (field->kind == FIXED32 || field->kind == FIXED64)
        field->value = field->kind == FIXED32 ? 4 : 8;
    else
        return fail_model("a field in it is of no kind");
    left = (uint64_t)(message->end - message->file->at);
    if (status == WILDCAM_OK && field->value > left)
        return fail_model("a field in it is longer than the rest");
    return status;
}

static void pass_over(struct message *message, const struct field *field)
{
    if (field->kind != VARINT)
        message->file->at += (int64_t)field->value;
}

static bool is_message(const struct field *field, uint64_t number)
{
    return field->kind == BYTES && field->number == number;
}

static struct message enter(const struct message *message, const struct field *field)
{
    int64_t length = field->kind == VARINT ? 0 : (int64_t)field->value;
    return (struct message){message->file, message->file->at + length};
}

static bool has_more(const struct message *message)
{
    return message->file->at < message->end;
}

/* Goes to the next field of that number, past all others; false at the end, or when it fails. */
static bool find_next(struct message *message, uint64_t number, struct field *field,
                      wildcam_status *status)
{
    while (*status == WILDCAM_OK && has_more(message)) {
        *status = read_field(message, field);
        if (*status != WILDCAM_OK)
            return false;
        if (field->number == number)
            return true;
        pass_over(message, field);
    }
    return false;
}

/* ---- the input ---- */

struct input {
    uint64_t element, side[DIMENSIONS]; /* 0 is not told */
    int dimensions;
};

static wildcam_status read_dimension(struct message message, uint64_t *side)
{
    struct field field;
    wildcam_status status = WILDCAM_OK;
    *side = 0;
    while (find_next(&message, DIMENSION_VALUE, &field, &status)) {
        if (field.kind == VARINT)
            *side = field.value;
        pass_over(&message, &field);
    }
    return status;
}

static wildcam_status read_shape(struct message message, struct input *input)
{
    struct field field;
    wildcam_status status = WILDCAM_OK;
    while (find_next(&message, SHAPE_DIMENSION, &field, &status)) {
        uint64_t side;
        if (field.kind != BYTES)
            return fail_model("a dimension in it is none");
        struct message dimension = enter(&message, &field);
        status = read_dimension(dimension, &side);
        message.file->at = dimension.end;
        if (status == WILDCAM_OK && input->dimensions < DIMENSIONS)
            input->side[input->dimensions] = side;
        input->dimensions += input->dimensions <= DIMENSIONS;
    }
    return status;
}

static wildcam_status read_tensor(struct message message, struct input *input)
{
    struct field field;
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && has_more(&message)) {
        status = read_field(&message, &field);
        if (status != WILDCAM_OK)
            break;
        struct message inner = enter(&message, &field);
        if (field.kind == VARINT && field.number == TENSOR_ELEMENT) {
            input->element = field.value;
        } else if (is_message(&field, TENSOR_SHAPE)) {
            status = read_shape(inner, input);
            message.file->at = inner.end;
        } else {
            pass_over(&message, &field);
        }
    }
    return status;
}

/* An input's type is a message in a message: the tensor in its type. */
static wildcam_status read_input(struct message message, struct input *input)
{
    struct field field;
    wildcam_status status = WILDCAM_OK;
    while (find_next(&message, VALUE_TYPE, &field, &status)) {
        struct field tensor;
        if (field.kind != BYTES)
            return fail_model("an input's type is none");
        struct message type = enter(&message, &field);
        if (find_next(&type, TYPE_TENSOR, &tensor, &status) && tensor.kind == BYTES)
            status = read_tensor(enter(&type, &tensor), input);
        message.file->at = type.end;
    }
    return status;
}

static wildcam_status check_side(uint64_t side, const char *name, int *out)
{
    *out = 0;
    if (side == 0 || side > INT64_MAX) /* it takes any: some say so by -1 */
        return WILDCAM_OK;
    if (side > SIDE_MAX)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED, "its input is %llu pixels %s; %d are taken",
                        (unsigned long long)side, name, SIDE_MAX);
    *out = (int)side;
    return WILDCAM_OK;
}

static wildcam_status take_input(const struct input *input, struct wci_onnx_model *model)
{
    if (input->element != ELEMENT_FLOAT)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "its input is of type %llu, not of float numbers (1): export it without "
                        "half precision or quantised inputs",
                        (unsigned long long)input->element);
    if (input->dimensions != DIMENSIONS || (input->side[1] != 3 && input->side[1] != 0))
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "its first input is no picture: it needs pictures x 3 colours x height x "
                        "width");
    if (input->side[0] > 1 && input->side[0] <= INT64_MAX)
        return wci_fail(WILDCAM_ERR_UNSUPPORTED,
                        "it takes %llu pictures at a time: export it for one",
                        (unsigned long long)input->side[0]);
    wildcam_status status = check_side(input->side[2], "high", &model->height);
    return status == WILDCAM_OK ? check_side(input->side[3], "wide", &model->width) : status;
}

static wildcam_status read_graph(struct message message, struct wci_onnx_model *model)
{
    struct field field;
    struct input input = {0};
    wildcam_status status = WILDCAM_OK;
    if (!find_next(&message, GRAPH_INPUT, &field, &status))
        return status == WILDCAM_OK ? fail_model("it has no input") : status;
    if (field.kind != BYTES)
        return fail_model("an input in it is none");
    status = read_input(enter(&message, &field), &input);
    return status == WILDCAM_OK ? take_input(&input, model) : status;
}

/* ---- the names ---- */

static wildcam_status read_text(struct message *message, const struct field *field,
                                struct wci_text *text)
{
    wci_text_empty(text);
    if (field->kind != BYTES || field->value > NAMES_MAX)
        return fail_model("an entry of its metadata is no text");
    struct message inner = enter(message, field);
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && has_more(&inner)) {
        unsigned char byte = 0;
        status = read_byte(&inner, &byte);
        if (status == WILDCAM_OK)
            wci_text_add_char(text, (char)(byte ? byte : ' '));
    }
    return status == WILDCAM_OK && text->failed ? wci_fail_memory() : status;
}

/* Keeps the one entry that is of use. */
static wildcam_status read_metadata(struct message message, struct wci_onnx_model *model)
{
    struct field field;
    struct wci_text key = {0}, value = {0};
    wildcam_status status = WILDCAM_OK;
    while (status == WILDCAM_OK && has_more(&message)) {
        status = read_field(&message, &field);
        if (status != WILDCAM_OK)
            break;
        int64_t end = enter(&message, &field).end;
        if (field.kind != VARINT && field.number == ENTRY_KEY)
            status = read_text(&message, &field, &key);
        else if (field.kind != VARINT && field.number == ENTRY_VALUE && field.value <= NAMES_MAX)
            status = read_text(&message, &field, &value);
        if (field.kind != VARINT)
            message.file->at = end;
    }
    if (status == WILDCAM_OK && strcmp(wci_text_get(&key), "names") == 0)
        status = wci_text_set(&model->names, wci_text_get(&value), value.length);
    wci_text_free(&key);
    wci_text_free(&value);
    return status;
}

/* ---- all of it ---- */

static wildcam_status read_model(struct message message, struct wci_onnx_model *model)
{
    bool has_graph = false;
    wildcam_status status = has_more(&message) ? WILDCAM_OK : fail_model("it is empty");
    while (status == WILDCAM_OK && has_more(&message)) {
        struct field field;
        status = read_field(&message, &field);
        if (status != WILDCAM_OK)
            break;
        struct message inner = enter(&message, &field);
        if (is_message(&field, MODEL_GRAPH)) {
            has_graph = true;
            status = read_graph(inner, model);
        } else if (is_message(&field, MODEL_METADATA)) {
            status = read_metadata(inner, model);
        }
        if (field.kind != VARINT)
            message.file->at = inner.end;
    }
    return status == WILDCAM_OK && !has_graph ? fail_model("it has no graph") : status;
}

wildcam_status wci_onnx_model_read_file(int fd, int64_t bytes, struct wci_onnx_model *model)
{
    struct file file = {.fd = fd};
    *model = (struct wci_onnx_model){0};
    wildcam_status status = read_model((struct message){&file, bytes}, model);
    if (status != WILDCAM_OK)
        wci_onnx_model_release(model);
    return status;
}

wildcam_status wci_onnx_model_read(const char *path, struct wci_onnx_model *model)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe is no model either */
    wildcam_status status;
    if (fd < 0)
        return wci_fail_os(errno, "%.200s cannot be opened", path);
    if (fstat(fd, &facts) != 0)
        status = wci_fail_os(errno, "%.200s cannot be looked at", path);
    else if (!S_ISREG(facts.st_mode))
        status = wci_fail(WILDCAM_ERR_INVALID, "%.200s is no file", path);
    else
        status = wci_onnx_model_read_file(fd, (int64_t)facts.st_size, model);
    close(fd);
    return status;
}

void wci_onnx_model_release(struct wci_onnx_model *model)
{
    wci_text_free(&model->names);
}
