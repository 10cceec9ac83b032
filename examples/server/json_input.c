#include "json_input.h"

#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"
#include "scope.h"

#define DAY INT64_C(86400000000)

static void wipe_and_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

void json_input_start(void)
{
    json_set_alloc_funcs(malloc, wipe_and_free);
}

json_t *json_input_read(struct request *request)
{
    json_t *input = body_finish(&request->body);
    if (!input)
        answer_error(request, request->body.failure, "%s", request->body.failure_text);
    if (!input || scope_check_body(request, input))
        return input;
    json_decref(input);
    return NULL;
}

json_t *json_input_find(const json_t *object, const char *name, const char *older)
{
    json_t *value = json_object_get(object, name);
    if ((!value || json_is_null(value)) && older)
        value = json_object_get(object, older);
    return json_is_null(value) ? NULL : value;
}

bool json_input_text(struct request *request, const json_t *object, const char *name,
                     const char *older, const char **value)
{
    const json_t *found = json_input_find(object, name, older);
    if (!found)
        return true;
    if (!json_is_string(found)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is a text", name);
        return false;
    }
    if (strlen(json_string_value(found)) != json_string_length(found)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s has a NUL in it", name);
        return false;
    }
    *value = json_string_value(found);
    return true;
}

bool json_input_number(struct request *request, const json_t *object, const char *name,
                       const char *older, double *value)
{
    const json_t *found = json_input_find(object, name, older);
    if (!found)
        return true;
    if (!json_is_number(found)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is a number", name);
        return false;
    }
    *value = json_number_value(found);
    return true;
}

/* JSON knows but one kind of number: 323.0 and 3.23e2 are 323. What a double does not hold exactly
 * is none. */
static bool is_whole(const json_t *value, int64_t *number)
{
    const double exact = 9007199254740992.0; /* 2^53 */
    if (json_is_integer(value)) {
        *number = json_integer_value(value);
        return true;
    }
    double real = json_real_value(value); /* 0 for what is no number */
    if (!json_is_real(value) || !(fabs(real) <= exact) || (double)(int64_t)real != real)
        return false;
    *number = (int64_t)real;
    return true;
}

bool json_input_whole(struct request *request, const json_t *object, const char *name,
                      int64_t least, int64_t most, int64_t *value)
{
    int64_t number;
    const json_t *found = json_input_find(object, name, NULL);
    if (!found)
        return true;
    if (!is_whole(found, &number) || number < least || number > most) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is a whole number, %" PRId64 " to %" PRId64,
                     name, least, most);
        return false;
    }
    *value = number;
    return true;
}

bool json_input_bool(struct request *request, const json_t *object, const char *name, bool *value)
{
    const json_t *found = json_input_find(object, name, NULL);
    if (!found)
        return true;
    if (!json_is_boolean(found)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s is true or false", name);
        return false;
    }
    *value = json_is_true(found);
    return true;
}

bool json_input_time(struct request *request, const json_t *object, const char *where,
                     const char *name, bool is_end, int64_t *time)
{
    int is_date = 0;
    const json_t *value = json_object_get(object, name);
    if (!value)
        return true;
    *time = WILDCAM_TIME_NONE;
    if (json_is_null(value))
        return true;
    if (!json_is_string(value))
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s%s is an ISO 8601 time", where, name);
    else if (wildcam_time_parse(json_string_value(value), time, NULL, &is_date) != WILDCAM_OK)
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s%s: %s", where, name,
                     wildcam_error_message());
    else {
        *time += is_end && is_date ? DAY : 0;
        return true;
    }
    return false;
}

/* "a, b and c" */
static void list_names(const char *const *names, char *out, size_t room)
{
    size_t used = 0;
    for (; *names && used < room; names++)
        used += (size_t)snprintf(out + used, room - used, "%s%s", *names,
                                 !names[1]  ? ""
                                 : names[2] ? ", "
                                            : " and ");
}

bool json_input_check_members(struct request *request, json_t *object, const char *what,
                              const char *const *known)
{
    const char *name;
    json_t *value;
    json_object_foreach (object, name, value) {
        char names[ERROR_TEXT] = "";
        const char *const *same = known;
        while (*same && strcmp(*same, name) != 0)
            same++;
        if (*same)
            continue;
        list_names(known, names, sizeof names);
        answer_error(request, MHD_HTTP_BAD_REQUEST, "%s has no field \"%.40s\"; it has %s", what,
                     name, names);
        return false;
    }
    return true;
}
