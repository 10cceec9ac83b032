/* Locales that write numbers and words in another way than C's, made for one test. */
#ifndef TESTS_UNIT_LOCALES_H
#define TESTS_UNIT_LOCALES_H

/* Makes a locale such as "de_DE" in the scratch directory, with UTF-8, and switches the program to
 * it. The test fails when that is not possible. */
void enter_locale(const char *name);
void leave_locale(void);

#endif
