/* Keys and tokens as texts. */
#include "model/credential.h"

#include "unit.h"

static const enum wci_credential_kind kinds[] = {WCI_CREDENTIAL_KEY, WCI_CREDENTIAL_ACCESS,
                                                 WCI_CREDENTIAL_REFRESH};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void make(enum wci_credential_kind kind, struct wci_credential *made,
                 char text[WILDCAM_KEY_TEXT])
{
    made->kind = kind;
    assert_done(wci_credential_new_id(kind, made->id));
    assert_done(wci_credential_make(kind, made->id, text, made->hash));
}

START_TEST(comes_back_as_it_was_made)
{
    char text[WILDCAM_KEY_TEXT], other[WILDCAM_KEY_TEXT];
    struct wci_credential made, read;
    unsigned char hash[WCI_DIGEST_BYTES];
    make(kinds[_i], &made, text);
    assert_done(wci_credential_read(text, &read));
    ck_assert_int_eq(read.kind, kinds[_i]);
    ck_assert_str_eq(read.id, made.id);
    ck_assert_mem_eq(read.hash, made.hash, sizeof read.hash);
    assert_done(wci_digest_of(text, strlen(text), hash));
    ck_assert_mem_eq(read.hash, hash, sizeof hash);
    assert_done(wci_credential_make(kinds[_i], made.id, other, hash)); /* the secret is another */
    ck_assert_str_ne(text, other);
    ck_assert_mem_ne(made.hash, hash, sizeof hash);
}
END_TEST

static void assert_none(const char *text)
{
    struct wci_credential read;
    wci_error_clear();
    assert_fails(WILDCAM_ERR_AUTH, "the key or token is not valid",
                 wci_credential_read(text, &read));
}

START_TEST(what_is_not_of_the_form_is_none)
{
    char text[WILDCAM_KEY_TEXT], wrong[4 * WILDCAM_KEY_TEXT];
    struct wci_credential made;
    make(kinds[_i], &made, text);
    for (size_t i = 0; i <= strlen(text); i++) {
        snprintf(wrong, sizeof wrong, "%.*s-%s", (int)i, text, text + i);
        assert_none(wrong);
        if (i == strlen(text))
            break;
        snprintf(wrong, sizeof wrong, "%.*s", (int)i, text);
        assert_none(wrong);
        snprintf(wrong, sizeof wrong, "%s", text);
        wrong[i] = (char)0xff;
        assert_none(wrong);
    }
    snprintf(wrong, sizeof wrong, "%s%s%s", text, text, text);
    assert_none(wrong);
    snprintf(wrong, sizeof wrong, " %s", text);
    assert_none(wrong);
    snprintf(wrong, sizeof wrong, "%s\n", text);
    assert_none(wrong);
    static const char *const prefixes[] = {"wk", "wa", "wr", "wx"}; /* another's, on this id */
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct wci_credential read;
        if (strncmp(text, prefixes[i], 2) == 0)
            continue;
        snprintf(wrong, sizeof wrong, "%s%s", prefixes[i], text + 2);
        wci_error_clear();
        if (wci_credential_read(wrong, &read) == WILDCAM_OK) /* the two tokens' ids are alike */
            ck_assert_mem_ne(read.hash, made.hash, sizeof made.hash);
        else
            ck_assert_str_eq(wildcam_error_message(), "the key or token is not valid");
    }
}
END_TEST

START_TEST(ids)
{
    char id[WCI_CREDENTIAL_ID];
    assert_done(wci_credential_new_id(WCI_CREDENTIAL_KEY, id));
    ck_assert(wci_credential_is_id(WCI_CREDENTIAL_KEY, id));
    ck_assert(!wci_credential_is_id(WCI_CREDENTIAL_ACCESS, id));
    static const char *const odd[] = {"",         "0123abc",  "0123abcde",
                                      "0123ABCD", "0123abcg", "wk_0123a"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        ck_assert(!wci_credential_is_id(WCI_CREDENTIAL_KEY, odd[i]));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("credential");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, comes_back_as_it_was_made, 0, KINDS);
    tcase_add_loop_test(all, what_is_not_of_the_form_is_none, 0, KINDS);
    tcase_add_test(all, ids);
    return suite;
}
