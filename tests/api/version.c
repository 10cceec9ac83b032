/* Which library is running. */
#include "support/harness.h"

START_TEST(library_and_header_agree)
{
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", WILDCAM_VERSION_MAJOR, WILDCAM_VERSION_MINOR,
             WILDCAM_VERSION_PATCH);
    ck_assert_str_eq(wildcam_version(), expected);
    ck_assert_int_eq(wildcam_version_number(), WILDCAM_VERSION_NUMBER);
    ck_assert_int_eq(WILDCAM_VERSION_NUMBER, WILDCAM_VERSION_MAJOR * 65536 +
                                                 WILDCAM_VERSION_MINOR * 256 +
                                                 WILDCAM_VERSION_PATCH);
}
END_TEST

START_TEST(features_by_name)
{
    const char *sqlite = wildcam_feature("store.sqlite");
    ck_assert_ptr_nonnull(sqlite);
    ck_assert_int_eq(sqlite[0], '3');
    ck_assert_ptr_null(wildcam_feature("store.papyrus"));
    ck_assert_ptr_null(wildcam_feature(""));
    ck_assert_ptr_null(wildcam_feature(NULL));
    ck_assert_str_eq(wildcam_error_message(), "");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("version");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, library_and_header_agree);
    tcase_add_test(all, features_by_name);
    return suite;
}
