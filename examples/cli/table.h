/* Rows for people, in columns, or for spreadsheets, as RFC 4180 has it. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum table_format { TABLE_TEXT, TABLE_CSV };

struct column {
    const char *name;
    bool is_brief; /* shown to people too; the rest is for CSV */
    bool is_right; /* a number */
};

/* The first rows are kept until their widths are known; those behind them go through. */
struct table {
    enum table_format format;
    const struct column *columns;
    size_t count, column; /* columns, and which comes next */
    char **kept;
    size_t kept_count;
    size_t *widths;
    bool has_begun, has_failed; /* failed: memory ran out */
};

void table_begin(struct table *self, enum table_format format, const struct column *columns,
                 size_t count);
/* The next cell of the row; "" when there is nothing to say. */
void table_add(struct table *self, const char *text);
void table_add_whole(struct table *self, int64_t number);
/* A real number, nothing when it is NaN. */
void table_add_number(struct table *self, double number, int decimals);
/* Writes what is still kept. False when memory ran out. */
bool table_end(struct table *self);

#endif
