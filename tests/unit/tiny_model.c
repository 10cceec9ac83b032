#include "tiny_model.h"

#include <stdlib.h>
#include <string.h>

/* ---- Protocol Buffers ---- */

static void put_varint(struct wci_text *out, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        wci_text_add_char(out, (char)(value & 0x7f) | (char)0x80);
    wci_text_add_char(out, (char)value);
}

void pb_number(struct wci_text *out, uint64_t field, uint64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, value);
}

void pb_bytes(struct wci_text *out, uint64_t field, const void *bytes, size_t size)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, size);
    wci_text_add_bytes(out, bytes, size);
}

void pb_text(struct wci_text *out, uint64_t field, const char *text)
{
    pb_bytes(out, field, text, strlen(text));
}

void pb_message(struct wci_text *out, uint64_t field, struct wci_text *message)
{
    pb_bytes(out, field, message->length ? message->data : "", message->length);
    wci_text_free(message);
}

/* ---- what ONNX makes of it: onnx.proto has the numbers ---- */

enum { FLOAT = 1, INT64 = 7 };

/* A constant: numbers of that type with these dimensions. */
static void put_constant(struct wci_text *graph, const char *name, int type, const int64_t *sizes,
                         size_t rank, const void *data, size_t bytes)
{
    struct wci_text tensor = {0};
    for (size_t i = 0; i < rank; i++)
        pb_number(&tensor, 1, (uint64_t)sizes[i]);
    pb_number(&tensor, 2, (uint64_t)type);
    pb_text(&tensor, 8, name);
    pb_bytes(&tensor, 9, data, bytes);
    pb_message(graph, 5, &tensor);
}

static void begin_node(struct wci_text *node, const char *kind, const char *output,
                       const char *const *inputs, size_t count)
{
    *node = (struct wci_text){0};
    for (size_t i = 0; i < count; i++)
        pb_text(node, 1, inputs[i]);
    pb_text(node, 2, output);
    pb_text(node, 3, output);
    pb_text(node, 4, kind);
}

static void put_whole(struct wci_text *node, const char *name, int64_t value)
{
    struct wci_text attribute = {0};
    pb_text(&attribute, 1, name);
    pb_number(&attribute, 3, (uint64_t)value);
    pb_number(&attribute, 20, 2);
    pb_message(node, 5, &attribute);
}

static void put_wholes(struct wci_text *node, const char *name, const int64_t *values, size_t count)
{
    struct wci_text attribute = {0};
    pb_text(&attribute, 1, name);
    for (size_t i = 0; i < count; i++)
        pb_number(&attribute, 8, (uint64_t)values[i]);
    pb_number(&attribute, 20, 7);
    pb_message(node, 5, &attribute);
}

/* The mean colours of cells of so many pixels, one behind the other. */
static void put_means(struct wci_text *graph, int64_t pixels, const char *pool, const char *shape,
                      const char *flat)
{
    const int64_t sides[] = {pixels, pixels}, rank[] = {3},
                  sizes[] = {1, 3, TINY_SIDE / pixels * (TINY_SIDE / pixels)};
    struct wci_text node;
    begin_node(&node, "AveragePool", pool, (const char *const[]){"images"}, 1);
    put_wholes(&node, "kernel_shape", sides, 2);
    put_wholes(&node, "strides", sides, 2);
    pb_message(graph, 1, &node);
    put_constant(graph, shape, INT64, rank, 1, sizes, sizeof sizes);
    begin_node(&node, "Reshape", flat, (const char *const[]){pool, shape}, 2);
    pb_message(graph, 1, &node);
}

static void put_joined(struct wci_text *graph, const char *output, int64_t axis,
                       const char *const *inputs, size_t count)
{
    struct wci_text node;
    begin_node(&node, "Concat", output, inputs, count);
    put_whole(&node, "axis", axis);
    pb_message(graph, 1, &node);
}

static void put_value(struct wci_text *graph, uint64_t field, const char *name, int64_t element,
                      const int64_t *sizes, size_t rank)
{
    struct wci_text value = {0}, type = {0}, tensor = {0}, shape = {0};
    for (size_t i = 0; i < rank; i++) {
        struct wci_text dimension = {0};
        if (sizes[i])
            pb_number(&dimension, 1, (uint64_t)sizes[i]);
        else
            pb_text(&dimension, 2, "any");
        pb_message(&shape, 1, &dimension);
    }
    pb_number(&tensor, 1, (uint64_t)element);
    pb_message(&tensor, 2, &shape);
    pb_message(&type, 1, &tensor);
    pb_text(&value, 1, name);
    pb_message(&value, 2, &type);
    pb_message(graph, field, &value);
}

static void put_v5(const struct tiny_model *model, struct wci_text *graph)
{
    float likely[TINY_CELLS];
    const int64_t sizes[] = {1, 1, TINY_CELLS}, turn[] = {0, 2, 1};
    struct wci_text node;
    for (int i = 0; i < TINY_CELLS; i++)
        likely[i] = model->likely;
    put_constant(graph, "likely", FLOAT, sizes, 3, likely, sizeof likely);
    put_joined(graph, "columns", 1, (const char *const[]){"boxes", "likely", "scores"}, 3);
    begin_node(&node, "Transpose", "rows", (const char *const[]){"columns"}, 1);
    put_wholes(&node, "perm", turn, 3);
    pb_message(graph, 1, &node);
    put_joined(graph, "output0", 1, (const char *const[]){"rows", "rows", "rows"}, 3);
}

static void put_graph(const struct tiny_model *model, struct wci_text *graph)
{
    const int64_t in[] = {model->batch, model->colours, model->side, model->side};
    const int64_t boxes[] = {1, 4, TINY_CELLS};
    const int64_t v5[] = {1, 3 * TINY_CELLS, 8}, v8[] = {1, 7, TINY_CELLS};
    put_means(graph, 8, "pool8", "shape8", "flat8");
    put_means(graph, 16, "pool16", "shape16", "flat16");
    put_means(graph, 32, "pool32", "shape32", "flat32");
    put_joined(graph, "scores", 2, (const char *const[]){"flat8", "flat16", "flat32"}, 3);
    put_constant(graph, "boxes", FLOAT, boxes, 3, model->boxes, sizeof model->boxes);
    if (model->is_pool) {
        wci_text_empty(graph);
        put_means(graph, 8, "pool8", "shape8", "output0");
    } else if (model->is_v5)
        put_v5(model, graph);
    else
        put_joined(graph, "output0", 1, (const char *const[]){"boxes", "scores"}, 2);
    pb_text(graph, 2, "tiny");
    put_value(graph, 11, "images", model->element, in, 4);
    put_value(graph, 12, "output0", FLOAT, model->is_v5 ? v5 : v8, 3);
}

void tiny_cell(int cell, float *x, float *y, float *side)
{
    int pixels = 8, row = 8;
    for (; cell >= row * row; pixels *= 2, row /= 2)
        cell -= row * row;
    *x = ((float)(cell % row) + 0.5F) * (float)pixels;
    *y = ((float)(cell / row) + 0.5F) * (float)pixels;
    *side = (float)pixels;
}

void tiny_model_init(struct tiny_model *model)
{
    *model = (struct tiny_model){
        .likely = 1, .side = TINY_SIDE, .batch = 1, .colours = 3, .element = FLOAT};
    for (int i = 0; i < TINY_CELLS; i++) {
        float x, y, side;
        tiny_cell(i, &x, &y, &side);
        const float box[] = {x, y, side, side};
        for (int j = 0; j < 4; j++)
            model->boxes[j][i] = box[j];
    }
}

void tiny_model_write(const struct tiny_model *model, struct wci_text *out)
{
    struct wci_text graph = {0}, opset = {0};
    pb_number(out, 1, 7);
    pb_text(out, 2, "by hand");
    pb_number(&opset, 2, 12);
    pb_message(out, 8, &opset);
    put_graph(model, &graph);
    pb_message(out, 7, &graph);
    if (model->names) {
        struct wci_text entry = {0};
        pb_text(&entry, 1, "names");
        pb_text(&entry, 2, model->names);
        pb_message(out, 14, &entry);
    }
    if (out->failed)
        abort();
}
