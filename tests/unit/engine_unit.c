#include "engine_unit.h"

#include "base/calendar.h"

wci_engine *engine;
static wildcam_conf *conf;
static struct {
    const char *name, *value;
} settings[8];
static int setting_count;

static void log_line(void *user, int level, const char *module, const char *message)
{
    (void)user;
    (void)level;
    (void)module;
    (void)message;
}

void engine_set(const char *name, const char *value)
{
    ck_assert_int_lt(setting_count, 8);
    settings[setting_count].name = name;
    settings[setting_count++].value = value;
}

void engine_begin(int regions)
{
    struct wci_log log = {.level = WILDCAM_LOG_DEBUG, .fn = log_line};
    fake_reset(regions);
    conf = fake_conf();
    for (int i = 0; i < setting_count; i++)
        assert_done(wildcam_conf_set(conf, settings[i].name, settings[i].value));
    assert_done(wci_engine_open(conf, &log, &fake_s3, &engine));
}

void engine_end(void)
{
    for (int i = 0; i < (int)wci_engine_regions(engine); i++) {
        struct wci_region_report report;
        wci_engine_look(engine, i, &report, NULL);
        ck_assert_msg(report.under_way == 0, "region %d has %d places taken", i, report.under_way);
    }
    wci_engine_close(engine, false);
    wildcam_conf_free(conf);
    engine = NULL;
    setting_count = 0;
}

static void note_done(void *user, struct wci_object *object)
{
    struct parcel *parcel = user;
    parcel->times_done += object == &parcel->object ? 1 : 1000;
    atomic_store(&parcel->is_done, true);
}

void parcel_make(struct parcel *parcel, const char *key, size_t size)
{
    static unsigned seed;
    *parcel = (struct parcel){.times_done = 0};
    snprintf(parcel->key, sizeof parcel->key, "%s", key);
    unsigned char *data = parcel->data = malloc(size + 1);
    ck_assert_ptr_nonnull(data);
    seed++;
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)(i * 31 + (i >> 8) + seed * 17);
    wci_object_init(&parcel->object);
    parcel->object.key = parcel->key;
    parcel->object.content_type = "image/jpeg";
    parcel->object.body.memory = data;
    parcel->object.body.length = (int64_t)size;
    parcel->object.done = note_done;
    parcel->object.user = parcel;
    assert_done(wci_object_hash(&parcel->object, conf, NULL));
}

void parcel_split(struct parcel *parcel, size_t part_bytes)
{
    struct wci_object *object = &parcel->object;
    size_t size = (size_t)object->body.length;
    object->part_bytes = (int64_t)part_bytes;
    object->part_count = (size + part_bytes - 1) / part_bytes;
    object->sha256 = calloc(object->part_count, sizeof object->sha256[0]);
    ck_assert_ptr_nonnull(object->sha256);
    for (size_t i = 0; i < object->part_count; i++) {
        size_t begin = i * part_bytes, left = size - begin;
        assert_done(wci_digest_of((const char *)parcel->data + begin,
                                  left < part_bytes ? left : part_bytes, object->sha256[i]));
    }
}

void parcel_send(struct parcel *parcel)
{
    parcel->times_done = 0;
    atomic_store(&parcel->is_done, false);
    assert_done(wci_engine_send(engine, &parcel->object));
}

void parcel_wait(struct parcel *parcel)
{
    ck_assert(wci_engine_wait(engine, &parcel->is_done, fake_now() + 86400 * WCI_SECOND));
    ck_assert_int_eq(parcel->times_done, 1);
    ck_assert_ptr_null(parcel->object.way);
}

void parcel_deliver(struct parcel *parcel, const char *key, size_t size)
{
    parcel_make(parcel, key, size);
    parcel_send(parcel);
    parcel_wait(parcel);
}

static struct parcel *to_cancel;

static void cancel_it(void)
{
    wci_engine_cancel(engine, &to_cancel->object);
}

void parcel_cancel_at(struct parcel *parcel, int request)
{
    to_cancel = parcel;
    fake_rule((struct fake_rule){
        .region = FAKE_ANY, .verb = FAKE_ANY, .after = request, .meanwhile = cancel_it});
}

void parcel_arrived(struct parcel *parcel, int region)
{
    const struct wci_object *object = &parcel->object;
    ck_assert_msg(object->error.status == WILDCAM_OK, "%s", object->error.message);
    ck_assert_int_eq(object->region, region);
    ck_assert(fake_holds(region, parcel->key, parcel->data, (size_t)object->body.length));
    ck_assert_int_eq(fake_copies(parcel->key), 1);
    ck_assert_ptr_null(object->upload_id);
    ck_assert_uint_eq(object->leftover_count, 0);
    ck_assert(*object->etag != '\0');
    parcel_free(parcel);
}

void parcel_failed(const struct parcel *parcel, wildcam_status status, const char *words)
{
    const struct wci_error *error = &parcel->object.error;
    ck_assert_msg(error->status == status && strstr(error->message, words),
                  "it ended as %s (%s), not as %s with \"%s\"", wildcam_status_name(error->status),
                  error->message, wildcam_status_name(status), words);
}

void parcel_free(struct parcel *parcel)
{
    wci_object_release(&parcel->object);
    free(parcel->data);
    parcel->data = NULL;
}

struct fake_rule says(int region, int verb, int status, const char *code)
{
    return (struct fake_rule){.region = region, .verb = verb, .status = status, .code = code};
}

struct fake_rule breaks(int region, int verb, enum wci_link_failure failure)
{
    return (struct fake_rule){.region = region, .verb = verb, .failure = failure};
}
