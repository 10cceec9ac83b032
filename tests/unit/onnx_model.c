/* What is read of a model's file, whole and damaged. */
#include "process/onnx_model.h"

#include "tiny_model.h"
#include "unit.h"

static struct tiny_model tiny;
static struct wci_text bytes;
static struct wci_onnx_model model;

static void begin(void)
{
    tiny_model_init(&tiny);
    tiny.names = "{0: 'a', 1: 'b', 2: 'c'}";
}

static void end(void)
{
    wci_text_free(&bytes);
    wci_onnx_model_release(&model);
}

static wildcam_status read_bytes(const void *data, size_t size)
{
    save_file(scratch_path("model"), data, size);
    wci_onnx_model_release(&model);
    wci_error_clear();
    return wci_onnx_model_read(scratch_path("model"), &model);
}

START_TEST(reads_size_and_names)
{
    tiny_model_write(&tiny, &bytes);
    assert_ok(read_bytes(bytes.data, bytes.length));
    ck_assert_int_eq(model.width, TINY_SIDE);
    ck_assert_int_eq(model.height, TINY_SIDE);
    ck_assert_str_eq(wci_text_get(&model.names), tiny.names);
}
END_TEST

START_TEST(any_size_is_none)
{
    tiny.side = tiny.batch = 0;
    tiny.names = NULL;
    tiny_model_write(&tiny, &bytes);
    assert_ok(read_bytes(bytes.data, bytes.length));
    ck_assert(model.width == 0 && model.height == 0 && model.names.length == 0);
    wci_text_empty(&bytes);
    tiny.side = tiny.batch = -1; /* some say it so */
    tiny_model_write(&tiny, &bytes);
    assert_ok(read_bytes(bytes.data, bytes.length));
    ck_assert(model.width == 0 && model.height == 0);
}
END_TEST

START_TEST(huge_size_is_refused)
{
    tiny.side = 8224;
    tiny_model_write(&tiny, &bytes);
    assert_fails(WILDCAM_ERR_UNSUPPORTED, "8224 pixels high; 8192",
                 read_bytes(bytes.data, bytes.length));
}
END_TEST

/* Cut off anywhere it is no model, or one that lacks what stands at its end. */
START_TEST(no_part_of_it_is_taken_for_more)
{
    tiny_model_write(&tiny, &bytes);
    int whole = 0;
    for (size_t length = 0; length < bytes.length; length++) {
        wildcam_status status = read_bytes(bytes.data, length);
        ck_assert(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID);
        ck_assert(status == WILDCAM_OK || model.names.data == NULL);
        if (status == WILDCAM_OK) {
            ck_assert_int_eq(model.width, TINY_SIDE);
            ck_assert_int_eq(model.names.length, 0);
            whole++;
        }
    }
    ck_assert_int_eq(whole, 1); /* between the graph and the names */
}
END_TEST

/* What is passed over may be far larger than what is read at a time. */
START_TEST(what_is_large_is_passed_over)
{
    struct wci_text graph = {0}, tensor = {0}, small = {0};
    char *weights = calloc(1, 3000000);
    pb_bytes(&tensor, 9, weights, 3000000);
    free(weights);
    pb_message(&graph, 5, &tensor);
    tiny_model_write(&tiny, &small);
    pb_number(&bytes, 1, 7);
    pb_message(&bytes, 20, &graph); /* a field that nobody knows */
    wci_text_add_bytes(&bytes, small.data, small.length);
    wci_text_free(&small);
    assert_ok(read_bytes(bytes.data, bytes.length));
    ck_assert_int_eq(model.width, TINY_SIDE);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size;
    const char *words;
} damaged[] = {
#define BYTES(text, words)                                                                         \
    {                                                                                              \
        text, sizeof(text) - 1, words                                                              \
    }
    BYTES("\x08", "in the middle of a field"),
    BYTES("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "more than 64 bits"),
    BYTES("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "longer than the rest"),
    BYTES("\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "longer than the rest"),
    BYTES("\x0b\x00", "of no kind"),
    BYTES("\x08\x07", "it has no graph"),
    BYTES("\x3a\x00", "it has no input"),
    BYTES("\x3a\x02\x58\x01", "an input in it is none"),
    BYTES("\x3a\x04\x5a\x02\x10\x01", "an input's type is none"),
    BYTES("\x3a\x08\x5a\x06\x12\x04\x0a\x02\x12\x09", "longer than the rest"),
    BYTES("\x3a\x02\x5a\x00", NULL), /* an input without a type */
    BYTES("\x09\x01\x02\x03", "longer than the rest"),
};

START_TEST(damage_is_named)
{
    wildcam_status status = read_bytes(damaged[_i].bytes, damaged[_i].size);
    if (damaged[_i].words)
        assert_fails(WILDCAM_ERR_INVALID, damaged[_i].words, status);
    else
        assert_fails(WILDCAM_ERR_UNSUPPORTED, "of type 0", status);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("onnx_model");
    TCase *all = harness_case(suite, "all");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, reads_size_and_names);
    tcase_add_test(all, any_size_is_none);
    tcase_add_test(all, huge_size_is_refused);
    tcase_add_test(all, no_part_of_it_is_taken_for_more);
    tcase_add_test(all, what_is_large_is_passed_over);
    tcase_add_loop_test(all, damage_is_named, 0, sizeof damaged / sizeof damaged[0]);
    return suite;
}
