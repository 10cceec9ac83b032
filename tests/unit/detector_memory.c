/* The n-th allocation fails while a child is opened, started, asked and closed, and while a model's
 * file and names are read: it is said, and nothing is lost. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "conf/conf.h"
#include "fault/inject.h"
#include "process/children.h"
#include "process/class_names.h"
#include "process/findings.h"
#include "process/onnx_model.h"
#include "process/picture.h"
#include "tiny_model.h"
#include "unit.h"

enum { MOST = 2000 };

static const struct fault faults[] = {
    {"an allocation", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, false, false},
    {"all from one on", INJECT_MEMORY, ENOMEM, WILDCAM_ERR_NOMEM, true, false},
};

static const char child[] =
    "#!/bin/sh\n"
    "echo '{\"protocol\":1,\"detector\":\"shell\",\"version\":\"1\",\"classification_categories\":"
    "{\"0\":\"fox\"}}'\n"
    "while read -r question; do echo '{\"id\":1,\"detections\":[{\"category\":\"1\",\"conf\":0.5,"
    "\"classifications\":[[\"0\",0.5]]}]}'; done\n";

static struct wci_detector_host host;

static wildcam_status look(const struct wci_detector *detector, struct wildcam_findings *findings)
{
    wildcam_image image;
    wci_image_init(&image);
    image.id = 1;
    wildcam_picture picture = {.image = &image, .path = "/a picture"};
    wildcam_status status = wci_findings_begin(findings, detector);
    if (status == WILDCAM_OK)
        status = detector->detect(detector->user, &picture, findings);
    wci_image_release(&image);
    return status;
}

/* Its status; `count` is how much it found. */
static wildcam_status use_child(const char *path, size_t *count)
{
    struct wci_detector detector = {0};
    struct wildcam_findings findings;
    *count = 0;
    wildcam_status status = wci_children_open(&host, path, &detector);
    if (status != WILDCAM_OK)
        return status;
    wci_findings_init(&findings);
    status = look(&detector, &findings);
    *count = findings.count;
    wci_findings_release(&findings);
    detector.close(detector.user, false);
    wci_text_free(&detector.name);
    wci_text_free(&detector.version);
    return status;
}

static wildcam_status read_model(const char *path, size_t *count)
{
    struct wci_onnx_model model;
    struct wci_class_names names;
    wildcam_status status = wci_onnx_model_read(path, &model);
    if (status != WILDCAM_OK)
        return status;
    status = wci_class_names_from_model(wci_text_get(&model.names), &names);
    *count = status == WILDCAM_OK ? names.count : 0;
    if (status == WILDCAM_OK)
        wci_class_names_free(&names);
    wci_onnx_model_release(&model);
    return status;
}

static void walk(const struct fault *fault, wildcam_status (*use)(const char *path, size_t *count),
                 const char *path, size_t wanted)
{
    size_t count;
    ck_assert_int_eq(use(path, &count), WILDCAM_OK); /* what is made once is made */
    bool struck = true;
    for (long n = 1; struck; n++) {
        ck_assert_int_lt(n, MOST);
        long before = inject_blocks();
        inject_arm(fault, n);
        wildcam_status status = use(path, &count);
        struck = inject_disarm();
        ck_assert_int_eq(inject_blocks(), before);
        if (status == WILDCAM_OK)
            ck_assert_int_eq(count, wanted);
        else /* a child that cannot be started for want of memory is none to count against */
            ck_assert_msg(struck && (status == WILDCAM_ERR_NOMEM || status == WILDCAM_ERR_BUSY),
                          "%s %ld: %s: %s", fault->name, n, wildcam_status_name(status),
                          wildcam_error_message());
        ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    }
}

START_TEST(child_without_memory)
{
    const char *path = scratch_path("child");
    wildcam_conf *conf;
    struct wci_log logger = {.fn = NULL}; /* the harness's takes memory */
    assert_ok(wildcam_conf_new(&conf));
    host = (struct wci_detector_host){.conf = conf, .log = &logger};
    save_file(path, child, sizeof child - 1);
    ck_assert_int_eq(chmod(path, 0755), 0);
    if (inject_has_memory())
        walk(&faults[_i], use_child, path, 1);
    wildcam_conf_free(conf);
}
END_TEST

START_TEST(model_without_memory)
{
    struct tiny_model model;
    struct wci_text bytes = {0};
    tiny_model_init(&model);
    model.names = "{0: 'a', 1: 'b', 2: 'c'}";
    tiny_model_write(&model, &bytes);
    save_file(scratch_path("model"), bytes.data, bytes.length);
    wci_text_free(&bytes);
    if (inject_has_memory())
        walk(&faults[_i], read_model, scratch_path("model"), 3);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("detector_memory");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, child_without_memory, 0, 2);
    tcase_add_loop_test(all, model_without_memory, 0, 2);
    return suite;
}
