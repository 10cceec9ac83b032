/* SHA-256, HMAC and scrypt: the known answers of FIPS 180-4, RFC 4231 and RFC 7914, hexadecimal
 * both ways, base64. */
#include "base/digest.h"

#include <limits.h>

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
    unsigned char result[WCI_DIGEST_BYTES];
    assert_done(wci_digest_of(known[_i].text, strlen(known[_i].text), result));
    wci_digest_to_text(result, shown);
    ck_assert_str_eq(shown, known[_i].digest);
}
END_TEST

/* RFC 4231, test cases 1, 2, 3 and 6; a byte that is repeated, or the text. */
static const struct {
    char key_byte;
    size_t key_size;
    const char *key;
    char data_byte;
    size_t data_size;
    const char *data, *mac;
} known_macs[] = {
    {0x0b, 20, NULL, 0, 8, "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {0, 4, "Jefe", 0, 28, "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {(char)0xaa, 20, NULL, (char)0xdd, 50, NULL,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {(char)0xaa, 131, NULL, 0, 54, "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
};

START_TEST(gives_the_known_macs)
{
    char key[131], data[54], shown[WCI_DIGEST_TEXT];
    unsigned char result[WCI_DIGEST_BYTES];
    size_t key_size = known_macs[_i].key_size, data_size = known_macs[_i].data_size;
    memset(key, known_macs[_i].key_byte, sizeof key);
    if (known_macs[_i].key)
        memcpy(key, known_macs[_i].key, key_size);
    memset(data, known_macs[_i].data_byte, sizeof data);
    if (known_macs[_i].data)
        memcpy(data, known_macs[_i].data, data_size);
    assert_done(wci_digest_hmac(key, key_size, data, data_size, result));
    wci_digest_to_text(result, shown);
    ck_assert_str_eq(shown, known_macs[_i].mac);
}
END_TEST

START_TEST(a_mac_keys_the_next)
{
    unsigned char apart[WCI_DIGEST_BYTES], chained[WCI_DIGEST_BYTES];
    assert_done(wci_digest_hmac("key", 3, "one", 3, chained));
    assert_done(wci_digest_hmac(chained, sizeof chained, "two", 3, apart));
    assert_done(wci_digest_hmac(chained, sizeof chained, "two", 3, chained));
    ck_assert_mem_eq(apart, chained, sizeof apart);
    assert_fails(WILDCAM_ERR_TOOLARGE, "2147483648",
                 wci_digest_hmac("key", (size_t)INT_MAX + 1, "", 0, apart));
}
END_TEST

START_TEST(base64)
{
    unsigned char digest[WCI_DIGEST_BYTES];
    char text[WCI_DIGEST_BASE64];
    assert_done(wci_digest_of("", 0, digest));
    wci_digest_to_base64(digest, text);
    ck_assert_str_eq(text, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    unsigned char back[WCI_DIGEST_BYTES];
    ck_assert_int_eq(wci_digest_from_base64(text, 44, back), 1);
    ck_assert_mem_eq(back, digest, sizeof back);
    static const char *const wrong[] = {
        "",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-3",
        "47DEQpj8HBSa-/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "47DEQpj8HBSa=/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        " 7DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF\n=",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu\xff\x80=",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(!wci_digest_from_base64(wrong[i], strlen(wrong[i]), back), "%s", wrong[i]);
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

/* RFC 7914, section 12: the first half of what it derives. */
static const struct {
    const char *password, *salt;
    struct wci_digest_cost cost;
    const char *digest;
} known_stretched[] = {
    {"", "", {4, 1, 1}, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"},
    {"password",
     "NaCl",
     {10, 8, 16},
     "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"},
    {"pleaseletmein",
     "SodiumChloride",
     {14, 8, 1},
     "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"},
};

START_TEST(stretches_passwords)
{
    char shown[WCI_DIGEST_TEXT];
    unsigned char result[WCI_DIGEST_BYTES];
    assert_done(wci_digest_stretch(known_stretched[_i].password, known_stretched[_i].salt,
                                   strlen(known_stretched[_i].salt), &known_stretched[_i].cost,
                                   result));
    wci_digest_to_text(result, shown);
    ck_assert_str_eq(shown, known_stretched[_i].digest);
}
END_TEST

/* A damaged row must not take all memory or all day. */
START_TEST(refuses_a_cost_that_nobody_chose)
{
    static const struct wci_digest_cost odd[] = {
        {0, 8, 1},  {21, 8, 1},  {UINT32_MAX, 8, 1},  {15, 0, 1}, {15, 33, 1}, {15, UINT32_MAX, 1},
        {15, 8, 0}, {15, 8, 17}, {15, 8, UINT32_MAX}, {20, 8, 1}, {18, 9, 1},
    };
    unsigned char result[WCI_DIGEST_BYTES];
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        wci_error_clear();
        assert_fails(WILDCAM_ERR_CORRUPT, "none was made so",
                     wci_digest_stretch("password", "salt", 4, &odd[i], result));
    }
}
END_TEST

START_TEST(same_to_the_last_byte)
{
    unsigned char left[WCI_DIGEST_BYTES] = {1, 2, 3}, right[WCI_DIGEST_BYTES] = {1, 2, 3};
    ck_assert(wci_digest_is_same(left, right, sizeof left));
    for (size_t i = 0; i < sizeof left; i++) {
        right[i] ^= 0x80;
        ck_assert(!wci_digest_is_same(left, right, sizeof left));
        right[i] ^= 0x80;
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, gives_the_known_answers, 0, sizeof known / sizeof known[0]);
    tcase_add_loop_test(all, gives_the_known_macs, 0, sizeof known_macs / sizeof known_macs[0]);
    tcase_add_test(all, a_mac_keys_the_next);
    tcase_add_loop_test(all, stretches_passwords, 0,
                        sizeof known_stretched / sizeof known_stretched[0]);
    tcase_add_test(all, refuses_a_cost_that_nobody_chose);
    tcase_add_test(all, same_to_the_last_byte);
    tcase_add_test(all, base64);
    tcase_add_test(all, a_million_letters);
    tcase_add_test(all, text_and_back);
    tcase_add_test(all, text_that_is_none);
    return suite;
}
