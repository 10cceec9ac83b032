/* What each role sends, and when. */
#include <stdlib.h>
#include <string.h>

#include "load.h"

static const char boundary[] = "----WildCAM12345674711";

static void set_key(char *line, size_t size, const char *key)
{
    line[0] = '\0';
    if (key)
        snprintf(line, size, "Authorization: Bearer %s\r\n", key);
}

static void set_simple(struct actor *actor, int length)
{
    actor->parts[0] = (struct iovec){actor->head, (size_t)length};
    actor->part_count = 1;
}

static void prepare_json(const struct load *load, struct actor *actor, const char *path,
                         const char *body)
{
    char key[256];
    set_key(key, sizeof key, load->fleet_key);
    set_simple(actor, snprintf(actor->head, sizeof actor->head,
                               "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
                               "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                               path, key, strlen(body), body));
}

static void prepare_register(const struct load *load, struct actor *actor)
{
    char body[256];
    actor->kind = KIND_REGISTER;
    snprintf(body, sizeof body,
             "{\"device_id\":\"cam-%05u\",\"name\":\"Camera %u\",\"location_name\":\"Site %u\","
             "\"latitude\":46.5,\"longitude\":8.25,\"firmware_version\":\"3.0.0\"}",
             actor->number, actor->number, actor->number / 10);
    prepare_json(load, actor, "/api/cameras/register", body);
}

static void prepare_status(const struct load *load, struct actor *actor)
{
    char path[64];
    actor->kind = KIND_STATUS;
    snprintf(path, sizeof path, "/api/cameras/cam-%05u/status", actor->number);
    prepare_json(load, actor, path,
                 "{\"battery_level\":87,\"battery_voltage\":3.98,\"temperature\":11.5}");
}

/* A form as the firmware writes it. Each picture is another by what stands behind its end. */
static void prepare_upload(const struct load *load, struct actor *actor)
{
    char key[256], form[512], unique[17];
    actor->kind = KIND_UPLOAD;
    set_key(key, sizeof key, load->fleet_key);
    int before = snprintf(form, sizeof form,
                          "--%s\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n"
                          "{\"device_id\":\"cam-%05u\",\"timestamp\":%lld}\r\n--%s\r\n"
                          "Content-Disposition: form-data; name=\"image\"; "
                          "filename=\"capture.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n",
                          boundary, actor->number, (long long)(actor->began / 1000), boundary);
    snprintf(unique, sizeof unique, "%016llx",
             (unsigned long long)load->begin << 24 ^ (unsigned long long)actor->number << 20 ^
                 actor->sent_count++);
    int tail = snprintf(actor->tail, sizeof actor->tail, "%s\r\n--%s--\r\n", unique, boundary);
    int head = snprintf(actor->head, sizeof actor->head,
                        "POST /api/detections HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
                        "Content-Type: multipart/form-data; boundary=%s\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        key, boundary, (size_t)before + load->picture_size + (size_t)tail, form);
    actor->parts[0] = (struct iovec){actor->head, (size_t)head};
    actor->parts[1] = (struct iovec){load->picture, load->picture_size};
    actor->parts[2] = (struct iovec){actor->tail, (size_t)tail};
    actor->part_count = 3;
}

static void prepare_get(struct actor *actor, enum kind kind, const char *path, const char *key)
{
    char line[256];
    actor->kind = kind;
    set_key(line, sizeof line, key);
    set_simple(actor, snprintf(actor->head, sizeof actor->head,
                               "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n", path, line));
}

/* The head of a request, a byte at a time and never to its end. */
static void prepare_slow(struct actor *actor)
{
    static const char begin[] = "GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";
    actor->kind = KIND_SLOW;
    memcpy(actor->head, begin, sizeof begin - 1);
    set_simple(actor, sizeof begin - 1);
}

void request_prepare(struct load *load, struct actor *actor)
{
    /* The guide's k6 script. */
    static const char *const round[] = {"/api/health", "/api/cameras", "/api/detections?limit=10"};
    switch (actor->role) {
    case ROLE_CAMERA:
        if (actor->step == 0)
            prepare_register(load, actor);
        else if (actor->due_status <= actor->due)
            prepare_status(load, actor);
        else
            prepare_upload(load, actor);
        break;
    case ROLE_READER:
        prepare_get(actor, KIND_READ, round[actor->step], load->viewer_key);
        break;
    case ROLE_ABUSER:
        prepare_get(actor, KIND_ABUSE, "/api/detections?limit=100", load->viewer_key);
        break;
    case ROLE_SLOW:
        prepare_slow(actor);
    }
    actor->part = 0;
}

/* One that could not keep up does not make up for it: a camera drops what it had. */
static void advance(int64_t *due, int64_t period)
{
    int64_t now = load_now();
    *due += period;
    while (*due + period < now)
        *due += period;
}

static bool plan_camera(const struct load *load, struct actor *actor, bool answered)
{
    switch (actor->kind) {
    case KIND_REGISTER:
        actor->step = answered && actor->status < 300;
        actor->due_status = actor->due + load->status_period * (int64_t)(actor->number % 97) / 97;
        advance(&actor->due, load->picture_period);
        return false;
    case KIND_STATUS:
        advance(&actor->due_status, load->status_period);
        return false;
    default:
        advance(&actor->due, load->picture_period);
        return false;
    }
}

bool request_plan(struct load *load, struct actor *actor, bool answered)
{
    switch (actor->role) {
    case ROLE_CAMERA:
        return plan_camera(load, actor, answered);
    case ROLE_READER:
        actor->step = (actor->step + 1) % 3;
        if (actor->step)
            return true;
        advance(&actor->due, load->read_period);
        return false;
    case ROLE_ABUSER:
        advance(&actor->due, load->abuse_period);
        return false;
    default:
        actor->due = load_now() + 1000000;
        return false;
    }
}
