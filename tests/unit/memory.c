/* Memory: sizes that would overflow are failures with a sentence. */
#include "base/memory.h"

#include "base/error.h"
#include "unit.h"

START_TEST(is_zeroed)
{
    const unsigned char *one = wci_new(100), *many = wci_new_array(10, 10);
    for (int i = 0; i < 100; i++)
        ck_assert(one[i] == 0 && many[i] == 0);
    wildcam_free((void *)(uintptr_t)one);
    wildcam_free((void *)(uintptr_t)many);
    wildcam_free(NULL);
}
END_TEST

START_TEST(nothing_is_something)
{
    void *memory[] = {wci_new(0),
                      wci_new_room(0),
                      wci_new_array(0, 8),
                      wci_new_array(8, 0),
                      wci_resize_array(NULL, 0, 8),
                      wci_copy_bytes(NULL, 0)};
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) {
        ck_assert_ptr_nonnull(memory[i]);
        free(memory[i]);
    }
}
END_TEST

START_TEST(copies)
{
    char *text = wci_copy_text("words"), *bytes = wci_copy_bytes("a\0b", 3);
    ck_assert_str_eq(text, "words");
    ck_assert_int_eq(memcmp(bytes, "a\0b", 3), 0);
    free(text);
    free(bytes);
}
END_TEST

static void check_refused(const void *memory)
{
    ck_assert_ptr_null(memory);
    ck_assert_str_eq(wildcam_error_message(), "memory ran out");
    wci_error_clear();
}

START_TEST(refuses_what_cannot_be)
{
    volatile size_t huge = SIZE_MAX / 2 + 1; /* volatile: compilers warn of it otherwise */
    check_refused(wci_new(huge));
    check_refused(wci_new_array(huge, 2));
    check_refused(wci_new_array(huge, 1));
    check_refused(wci_new_room(huge));
    check_refused(wci_copy_bytes("", huge));
    void *kept = wci_new(8);
    check_refused(wci_resize_array(kept, huge, 2));
    check_refused(wci_resize_array(kept, huge, 1));
    free(kept);
}
END_TEST

START_TEST(wipes)
{
    char secret[] = "secret";
    wci_wipe(secret + 1, 4);
    ck_assert_mem_eq(secret, "s\0\0\0\0t", sizeof secret);
    wci_wipe(NULL, 0);
}
END_TEST

START_TEST(reserves)
{
    void *array = NULL;
    size_t capacity = 0;
    assert_done(wci_reserve(&array, &capacity, 1, sizeof(int)));
    ck_assert_uint_eq(capacity, 8);
    const void *before = array;
    assert_done(wci_reserve(&array, &capacity, 8, sizeof(int)));
    ck_assert_ptr_eq(array, before);
    assert_done(wci_reserve(&array, &capacity, 9, sizeof(int)));
    ck_assert_uint_eq(capacity, 16);
    assert_done(wci_reserve(&array, &capacity, 100, sizeof(int)));
    ck_assert_uint_eq(capacity, 100);
    before = array;
    assert_status(WILDCAM_ERR_NOMEM, wci_reserve(&array, &capacity, SIZE_MAX, sizeof(int)));
    ck_assert_ptr_eq(array, before);
    ck_assert_uint_eq(capacity, 100);
    capacity = SIZE_MAX / 2 + 1; /* doubling it would overflow */
    assert_status(WILDCAM_ERR_NOMEM, wci_reserve(&array, &capacity, SIZE_MAX, 1));
    free(array);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, is_zeroed);
    tcase_add_test(all, nothing_is_something);
    tcase_add_test(all, copies);
    tcase_add_test(all, refuses_what_cannot_be);
    tcase_add_test(all, wipes);
    tcase_add_test(all, reserves);
    return suite;
}
