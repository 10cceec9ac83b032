/* Statements that are run with a few values, and what each of them is. */
#ifndef WCI_STORE_SQLITE_RUN_H
#define WCI_STORE_SQLITE_RUN_H

#include "store/sqlite/database.h"

enum wci_value_kind { WCI_VALUE_NUMBER, WCI_VALUE_REAL, WCI_VALUE_TEXT };

/* WILDCAM_TIME_NONE, NaN and NULL are NULL in the row. */
struct wci_value {
    enum wci_value_kind kind;
    int64_t number;
    double real;
    const char *text;
};

#define WCI_NUMBER(value)                                                                          \
    {                                                                                              \
        .kind = WCI_VALUE_NUMBER, .number = (value)                                                \
    }
#define WCI_REAL(value)                                                                            \
    {                                                                                              \
        .kind = WCI_VALUE_REAL, .real = (value)                                                    \
    }
#define WCI_TEXT_OR_NULL(value)                                                                    \
    {                                                                                              \
        .kind = WCI_VALUE_TEXT, .text = (value)                                                    \
    }

/* A kept statement with its values bound; the text is a literal. */
wildcam_status wci_database_ready(struct wci_database *database, const char *sql,
                                  const struct wci_value *values, int count, sqlite3_stmt **out);
/* Runs one that answers nothing; *changed is how many rows it changed, and may be NULL. */
wildcam_status wci_database_change(struct wci_database *database, const char *sql,
                                   const struct wci_value *values, int count, int *changed);

#define WCI_VALUES(...)                                                                            \
    (const struct wci_value[]){__VA_ARGS__},                                                       \
        (int)(sizeof((const struct wci_value[]){__VA_ARGS__}) / sizeof(struct wci_value))

#endif
