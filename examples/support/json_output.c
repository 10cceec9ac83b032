#include "json_output.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wildcam/wildcam.h>

void json_output_begin(struct json_output *out)
{
    *out = (struct json_output){0};
    out->stream = open_memstream(&out->text, &out->size);
    out->failed = !out->stream;
}

void json_output_add(struct json_output *out, const char *format, ...)
{
    va_list args;
    if (out->failed)
        return;
    va_start(args, format);
    out->failed = vfprintf(out->stream, format, args) < 0;
    va_end(args);
}

/* What is not UTF-8: the library gives none such, the echo of a request may be. */
static json_t *json_ascii(const char *text)
{
    char *copy = strdup(text);
    for (char *at = copy; at && *at; at++)
        if (*at & 0x80)
            *at = '?';
    json_t *string = json_string(copy);
    free(copy);
    return string;
}

void json_output_text(struct json_output *out, const char *text)
{
    if (out->failed)
        return;
    json_t *string = json_string(text);
    if (!string)
        string = json_ascii(text);
    out->failed = !string || json_dumpf(string, out->stream, JSON_ENCODE_ANY) != 0;
    json_decref(string);
}

void json_output_number(struct json_output *out, double number)
{
    if (isfinite(number))
        json_output_add(out, "%.6g", number);
    else
        json_output_add(out, "null");
}

static void add_object(struct json_output *out, char *object, size_t from)
{
    if (!out->failed)
        out->failed = !object || fputs(object + from, out->stream) < 0;
    wildcam_free(object);
}

void json_output_object(struct json_output *out, char *object)
{
    add_object(out, object, 0);
}

void json_output_members(struct json_output *out, char *object)
{
    add_object(out, object, 1);
}

char *json_output_end(struct json_output *out)
{
    if (out->stream && fclose(out->stream) != 0)
        out->failed = true;
    if (!out->failed)
        return out->text;
    free(out->text);
    return NULL;
}
