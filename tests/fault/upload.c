/* Want of memory while requests to S3 are made and answers read: each call says so, leaves nothing
 * behind, and does the same as ever when it is made again. */
#include "fault/inject.h"

#include <errno.h>

#include "support/harness.h"
#include "upload/s3.h"

#define TIME INT64_C(1795689899000000)

static const struct fault faults[] = {
    {"allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, .lasts = false},
    {"from allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, .lasts = true},
};
static const struct wci_credentials credentials = {
    .access_key = "AK", .secret_key = "secret", .session_token = "token", .number = 1};
static const struct wci_pair metadata[] = {{"a", "1"}, {"b", "2"}, {"c", "3"}};

/* Each makes its text anew, and gives back all else. Check's own calls would allocate here. */
typedef wildcam_status action(struct wci_text *made);

static wildcam_status ask(enum wci_s3_verb verb, struct wci_text *made)
{
    struct wci_s3_region region;
    struct wci_exchange exchange;
    struct wci_text joined = {0};
    static const struct wci_s3_part parts[] = {{.number = 1, .etag = "a", .has_sha256 = true}};
    const struct wci_s3_call call = {.verb = verb,
                                     .key = "images/a b.jpg",
                                     .upload_id = "1",
                                     .part = 1,
                                     .content_type = "image/jpeg",
                                     .cache_control = "no-store",
                                     .metadata = metadata,
                                     .metadata_count = 3,
                                     .parts = parts,
                                     .part_count = 1};
    wildcam_status status = wci_s3_region_init(&region, "us-west-2", "wildcam-{region}", "",
                                               WCI_S3_STYLE_AUTO);
    if (status != WILDCAM_OK)
        return status;
    wci_exchange_init(&exchange);
    status = wci_s3_ask(&region, &call, &credentials, TIME, &joined, &exchange);
    if (status == WILDCAM_OK) {
        wci_text_add(made, wci_text_get(&exchange.url));
        wci_text_add(made, wci_text_get(&exchange.headers));
        wci_text_add_bytes(made, exchange.body.memory, (size_t)exchange.body.length);
        status = made->failed ? WILDCAM_ERR_NOMEM : WILDCAM_OK;
    }
    wci_exchange_release(&exchange);
    wci_text_free(&joined);
    wci_s3_region_release(&region);
    return status;
}

static wildcam_status put(struct wci_text *made)
{
    return ask(WCI_S3_PUT, made);
}

static wildcam_status begin_parts(struct wci_text *made)
{
    return ask(WCI_S3_BEGIN_PARTS, made);
}

static wildcam_status put_part(struct wci_text *made)
{
    return ask(WCI_S3_PUT_PART, made);
}

static wildcam_status join_parts(struct wci_text *made)
{
    return ask(WCI_S3_JOIN_PARTS, made);
}

/* A region that moves, too. */
static wildcam_status presign(struct wci_text *made)
{
    struct wci_s3_region region;
    wildcam_status status = wci_s3_region_init(&region, "us-west-2", "wildcam", "",
                                               WCI_S3_STYLE_AUTO);
    if (status != WILDCAM_OK)
        return status;
    status = wci_s3_region_move(&region, "us-east-1");
    if (status == WILDCAM_OK)
        status = wci_s3_presign(&region, "a b", &credentials, TIME, 60, made);
    else if (strcmp(region.signed_as, "us-west-2") != 0 || !strstr(region.origin, "us-west-2"))
        status = WILDCAM_ERR_INTERNAL; /* it moved by half */
    wci_s3_region_release(&region);
    return status;
}

static wildcam_conf *conf;

static wildcam_status regions(struct wci_text *made)
{
    struct wci_s3_region *all;
    size_t count;
    wildcam_status status = wci_s3_regions(conf, &all, &count);
    if (status != WILDCAM_OK)
        return all || count ? WILDCAM_ERR_INTERNAL : status;
    for (size_t i = 0; i < count; i++)
        wci_text_add_format(made, "%s%s\n", all[i].origin, all[i].path);
    wci_s3_regions_free(all, count);
    return made->failed ? WILDCAM_ERR_NOMEM : WILDCAM_OK;
}

static wildcam_status list_parts(struct wci_text *made)
{
    static char answer[] =
        "<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>a</ETag><Size>5</Size></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>b</ETag><Size>5</Size></Part></ListPartsResult>";
    struct wci_exchange exchange = {.status = 200};
    struct wci_s3_part *parts = NULL;
    size_t count = 0, capacity = 0;
    int next;
    exchange.answer = (struct wci_text){.data = answer, .length = sizeof answer - 1};
    wildcam_status status = wci_s3_read_parts(&exchange, &parts, &count, &capacity, &next);
    for (size_t i = 0; i < count; i++)
        wci_text_add_format(made, "%d %s\n", parts[i].number, parts[i].etag);
    free(parts);
    if (status != WILDCAM_OK && count != 0)
        return WILDCAM_ERR_INTERNAL;
    return status == WILDCAM_OK && made->failed ? WILDCAM_ERR_NOMEM : status;
}

static const struct {
    const char *name;
    action *act;
} actions[] = {{"put", put},
               {"begin parts", begin_parts},
               {"put part", put_part},
               {"join parts", join_parts},
               {"presign", presign},
               {"regions", regions},
               {"list parts", list_parts}};

static void walk_action(action *act, const char *name, const struct fault *fault)
{
    struct wci_text wanted = {0};
    ck_assert_int_eq(act(&wanted), WILDCAM_OK); /* libcrypto makes its own things once */
    long n = 0, failures = 0;
    for (bool has_struck = true; has_struck; n++) {
        struct wci_text made = {0};
        long blocks = inject_blocks();
        wci_error_clear();
        inject_arm(fault, n + 1);
        wildcam_status status = act(&made);
        has_struck = inject_disarm();
        /* libcrypto can do without some of its memory. */
        ck_assert_msg(status == WILDCAM_OK || (has_struck && status == WILDCAM_ERR_NOMEM),
                      "%s, %s %ld: %s (%s)", name, fault->name, n + 1, wildcam_status_name(status),
                      wildcam_error_message());
        ck_assert_msg(status == WILDCAM_OK || wildcam_error_message()[0],
                      "%s, %s %ld: without a word", name, fault->name, n + 1);
        if (status == WILDCAM_OK)
            ck_assert_str_eq(wci_text_get(&made), wci_text_get(&wanted));
        failures += status != WILDCAM_OK;
        wci_text_free(&made);
        ck_assert_msg(inject_blocks() == blocks, "%s, %s %ld: %ld blocks are left behind", name,
                      fault->name, n + 1, inject_blocks() - blocks);
    }
    ck_assert_int_gt(failures, 1);
    wci_text_free(&wanted);
}

START_TEST(memory_runs_out)
{
    assert_ok(wildcam_conf_new(&conf));
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        walk_action(actions[_i].act, actions[_i].name, &faults[i]);
    wildcam_conf_free(conf);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("upload");
    TCase *all = harness_case(suite, "all");
    if (!inject_has_memory()) {
        printf("allocations do not fail here: a sanitizer owns the allocator\n");
        return suite;
    }
    tcase_add_loop_test(all, memory_runs_out, 0, sizeof actions / sizeof actions[0]);
    return suite;
}
