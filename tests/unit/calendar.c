#include "base/calendar.h"
#include "support/harness.h"

START_TEST(days_and_back)
{
    for (int64_t day = -800000; day < 60000; day += 37) {
        struct wci_date date;
        int64_t time;
        wci_calendar_split(day * WCI_DAY + 12345678, &date);
        ck_assert_int_eq(wci_calendar_days(date.year, date.month, date.day), day);
        ck_assert(wci_calendar_join(&date, &time));
        ck_assert_int_eq(time, day * WCI_DAY + 12345678);
    }
}
END_TEST

START_TEST(known_days)
{
    ck_assert_int_eq(wci_calendar_days(1970, 1, 1), 0);
    ck_assert_int_eq(wci_calendar_days(2000, 3, 1), 11017);
    ck_assert_int_eq(wci_calendar_days(2026, 11, 23), 20780);
    ck_assert_int_eq(wci_calendar_days(1969, 12, 31), -1);
}
END_TEST

START_TEST(no_such_day)
{
    static const struct wci_date wrong[] = {
        {2023, 2, 29, 0, 0, 0, 0},      {1900, 2, 29, 0, 0, 0, 0}, {2024, 13, 1, 0, 0, 0, 0},
        {2024, 0, 1, 0, 0, 0, 0},       {2024, 4, 31, 0, 0, 0, 0}, {2024, 1, 1, 24, 0, 0, 0},
        {2024, 1, 1, 0, 60, 0, 0},      {2024, 1, 1, 0, 0, 60, 0}, {2024, 1, 0, 0, 0, 0, 0},
        {2024, 1, 1, 0, 0, 0, 1000000},
    };
    int64_t time;
    ck_assert(!wci_calendar_join(&wrong[_i], &time));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("calendar");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, days_and_back);
    tcase_add_test(all, known_days);
    tcase_add_loop_test(all, no_such_day, 0, 10);
    return suite;
}
