/* Texts that nobody can guess: their form, and that every letter comes. */
#include "base/chance.h"

#include "unit.h"

START_TEST(bytes_differ)
{
    unsigned char left[40] = {0}, right[40] = {0};
    assert_done(wci_chance_fill(left, sizeof left));
    assert_done(wci_chance_fill(right, sizeof right));
    ck_assert_mem_ne(left, right, sizeof left);
    assert_done(wci_chance_fill(left, 0));
}
END_TEST

/* With 62,000 letters each comes 1,000 times, give or take 8 standard deviations: a letter of a
 * remainder that was not thrown away would come 1,200 times. */
START_TEST(every_letter_has_the_same_chance)
{
    enum { LENGTH = 62000, EACH = 1000, SPREAD = 8 * 32 };
    static char text[LENGTH + 1];
    int counts[256] = {0}, letters = 0;
    assert_done(wci_chance_text(text, LENGTH));
    ck_assert_uint_eq(strlen(text), LENGTH);
    for (size_t i = 0; i < LENGTH; i++)
        counts[(unsigned char)text[i]]++;
    for (int i = 0; i < 256; i++) {
        bool is_letter = (i >= '0' && i <= '9') || (i >= 'A' && i <= 'Z') || (i >= 'a' && i <= 'z');
        ck_assert_msg(is_letter == (counts[i] > 0), "%c comes %d times", i, counts[i]);
        if (is_letter)
            ck_assert_msg(abs(counts[i] - EACH) < SPREAD, "%c comes %d times", i, counts[i]);
        letters += is_letter;
    }
    ck_assert_int_eq(letters, 62);
}
END_TEST

START_TEST(hexadecimal_digits)
{
    char text[200];
    for (size_t length = 0; length < sizeof text; length += 33) {
        memset(text, 'x', sizeof text);
        assert_done(wci_chance_hex(text, length));
        ck_assert_uint_eq(strspn(text, "0123456789abcdef"), length);
        ck_assert_uint_eq(strlen(text), length);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("chance");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, bytes_differ);
    tcase_add_test(all, every_letter_has_the_same_chance);
    tcase_add_test(all, hexadecimal_digits);
    return suite;
}
