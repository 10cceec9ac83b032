/* JSON text, put together piece by piece. A failure sticks and is told at the end. */
#ifndef SUPPORT_JSON_OUTPUT_H
#define SUPPORT_JSON_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct json_output {
    FILE *stream;
    char *text;
    size_t size;
    bool failed;
};

void json_output_begin(struct json_output *out);
/* Brackets, names and whole numbers. */
void json_output_add(struct json_output *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A text in quotes, escaped. */
void json_output_text(struct json_output *out, const char *text);
/* A real number with at most six digits; NaN is null. */
void json_output_number(struct json_output *out, double number);
/* The library's JSON of an object, which it frees; NULL (memory ran out) spoils the answer. */
void json_output_object(struct json_output *out, char *object);
/* The same without its first brace: its members, behind others. */
void json_output_members(struct json_output *out, char *object);
/* What was put together, freed with free(); NULL when memory ran out. */
char *json_output_end(struct json_output *out);

#endif
