#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { ROWS_KEPT = 200, NUMBER_TEXT = 400 };

void table_begin(struct table *self, enum table_format format, const struct column *columns,
                 size_t count)
{
    *self = (struct table){.format = format, .columns = columns, .count = count};
    if (format == TABLE_CSV) {
        for (size_t i = 0; i < count; i++)
            printf("%s%s", columns[i].name, i + 1 < count ? "," : "\r\n");
        return;
    }
    self->kept = calloc(ROWS_KEPT * count, sizeof *self->kept);
    self->widths = calloc(count, sizeof *self->widths);
    self->has_failed = !self->kept || !self->widths;
    for (size_t i = 0; i < count && !self->has_failed; i++)
        self->widths[i] = strlen(columns[i].name);
}

/* What a spreadsheet would take for a formula, and run; a number is none. */
static bool is_formula(const char *text)
{
    char *end;
    if (!*text || !strchr("=+-@\t\r", *text))
        return false;
    strtod(text, &end);
    return end == text || *end;
}

static void write_csv(const char *text)
{
    const char *guard = is_formula(text) ? "'" : "";
    if (!strpbrk(text, "\",\r\n")) {
        printf("%s%s", guard, text);
        return;
    }
    printf("\"%s", guard);
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static bool is_last(const struct table *self, size_t column)
{
    while (++column < self->count)
        if (self->columns[column].is_brief)
            return false;
    return true;
}

/* Nothing trails behind the last column. */
static void write_cell(const struct table *self, size_t column, const char *text)
{
    const struct column *which = &self->columns[column];
    size_t width = text_width(text), room = self->widths[column];
    int blank = width < room ? (int)(room - width) : 0;
    bool ends = is_last(self, column);
    if (!which->is_brief)
        return;
    printf("%*s%s%*s%s", which->is_right ? blank : 0, "", text, which->is_right || ends ? 0 : blank,
           "", ends ? "\n" : "  ");
}

static void begin_text(struct table *self)
{
    self->has_begun = true;
    for (size_t i = 0; i < self->count; i++)
        write_cell(self, i, self->columns[i].name);
    for (size_t i = 0, column = 0; i < self->kept_count; i++) {
        write_cell(self, column, self->kept[i]);
        free(self->kept[i]);
        column = column + 1 < self->count ? column + 1 : 0;
    }
    self->kept_count = 0;
}

/* `text` is the table's from here on. */
static void add_text(struct table *self, char *text)
{
    size_t width = text_width(text);
    if (self->has_begun) {
        write_cell(self, self->column, text);
        free(text);
        return;
    }
    if (width > self->widths[self->column])
        self->widths[self->column] = width;
    self->kept[self->kept_count++] = text;
    if (self->kept_count == ROWS_KEPT * self->count)
        begin_text(self);
}

void table_add(struct table *self, const char *text)
{
    if (self->format == TABLE_CSV) {
        write_csv(text);
        fputs(self->column + 1 < self->count ? "," : "\r\n", stdout);
    } else if (!self->has_failed) {
        char *visible = text_visible(*text ? text : "-");
        self->has_failed = !visible;
        if (visible)
            add_text(self, visible);
    }
    self->column = self->column + 1 < self->count ? self->column + 1 : 0;
}

void table_add_whole(struct table *self, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, number);
    table_add(self, text);
}

void table_add_number(struct table *self, double number, int decimals)
{
    char text[NUMBER_TEXT] = "";
    if (isfinite(number))
        snprintf(text, sizeof text, "%.*f", decimals, number);
    table_add(self, text);
}

bool table_end(struct table *self)
{
    if (self->format == TABLE_TEXT && !self->has_failed && !self->has_begun)
        begin_text(self);
    for (size_t i = 0; i < self->kept_count; i++)
        free(self->kept[i]);
    free(self->kept);
    free(self->widths);
    return !self->has_failed;
}
