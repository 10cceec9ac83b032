/* SHA-256: the known answers of FIPS 180-4, and hexadecimal both ways. */
#include "base/digest.h"

#include "unit.h"

static void hash_text(const char *text, size_t size, size_t part, char shown[WCI_DIGEST_TEXT])
{
    unsigned char result[WCI_DIGEST_BYTES];
    wci_digest *digest;
    assert_done(wci_digest_begin(&digest));
    for (size_t at = 0; at < size; at += part)
        assert_done(wci_digest_add(digest, text + at, size - at < part ? size - at : part));
    assert_done(wci_digest_end(digest, result));
    wci_digest_free(digest);
    wci_digest_to_text(result, shown);
}

static const struct {
    const char *text, *digest;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(gives_the_known_answers)
{
    char shown[WCI_DIGEST_TEXT];
    for (size_t part = 1; part < 70; part += 11) {
        hash_text(known[_i].text, strlen(known[_i].text), part, shown);
        ck_assert_str_eq(shown, known[_i].digest);
    }
}
END_TEST

START_TEST(a_million_letters)
{
    char shown[WCI_DIGEST_TEXT], *text = malloc(1000000);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', 1000000);
    hash_text(text, 1000000, 4099, shown);
    ck_assert_str_eq(shown, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(text);
}
END_TEST

START_TEST(text_and_back)
{
    unsigned char digest[WCI_DIGEST_BYTES], back[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_TEXT];
    for (int i = 0; i < 256; i++) {
        for (int k = 0; k < WCI_DIGEST_BYTES; k++)
            digest[k] = (unsigned char)(i + k);
        wci_digest_to_text(digest, text);
        ck_assert_uint_eq(strlen(text), WCI_DIGEST_TEXT - 1);
        ck_assert_int_eq(wci_digest_from_text(text, strlen(text), back), 1);
        ck_assert_int_eq(memcmp(digest, back, sizeof back), 0);
    }
}
END_TEST

START_TEST(text_that_is_none)
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_TEXT + 1];
    static const char wrong[] = "gGA/:`@ \x80";
    memset(text, '0', sizeof text);
    ck_assert_int_eq(wci_digest_from_text(text, 64, digest), 1);
    ck_assert_int_eq(wci_digest_from_text(text, 63, digest), 0);
    ck_assert_int_eq(wci_digest_from_text(text, 65, digest), 0);
    ck_assert_int_eq(wci_digest_from_text(text, 0, digest), 0);
    for (size_t i = 0; i < sizeof wrong; i++) {
        for (int at = 0; at < 64; at += 21) {
            memset(text, '0', sizeof text);
            text[at] = wrong[i];
            ck_assert_int_eq(wci_digest_from_text(text, 64, digest), 0);
        }
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, gives_the_known_answers, 0, sizeof known / sizeof known[0]);
    tcase_add_test(all, a_million_letters);
    tcase_add_test(all, text_and_back);
    tcase_add_test(all, text_that_is_none);
    return suite;
}
