/* The detector `process:COMMAND`, with children that do all that can go wrong. They are scripts of
 * the shell, and say what they do by files in the scratch directory, DIR. */
#include "process/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/calendar.h"
#include "conf/conf.h"
#include "process/findings.h"
#include "process/picture.h"
#include "unit.h"

#define HELLO "echo '{\"protocol\":1,\"detector\":\"shell\",\"version\":\"'$$'\"}'\n"
/* The number of the picture that is asked for goes into $id. */
#define NEXT "read -r question || exit 0; id=${question#*:}; id=${id%%,*}\n"
#define ANSWER                                                                                     \
    "echo '{\"id\":'$id',\"detections\":[{\"category\":\"1\",\"conf\":0.5}],\"version\":'$$'}'\n"
#define LOOP(work) "while :; do " NEXT work "done\n"
#define COUNT(name) "echo >>\"$DIR/" name "\"\n"

static wildcam_conf *conf;
static struct wci_log logger;
static struct wci_detector detector;
static bool is_open;

static void begin(void)
{
    conf = station_conf();
    assert_ok(wildcam_conf_set(conf, "log.level", "debug"));
    setenv("DIR", scratch(), 1);
    assert_ok(wildcam_conf_set(conf, "process.environment", "DIR"));
}

static void close_it(void)
{
    if (is_open)
        detector.close(detector.user, false);
    wci_text_free(&detector.name);
    wci_text_free(&detector.version);
    detector = (struct wci_detector){0};
    is_open = false;
}

static void end(void)
{
    close_it();
    wildcam_conf_free(conf);
    /* Nothing is left of any child. */
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static void open_it(const char *script)
{
    const char *path = scratch_path("child");
    struct wci_text text = {0};
    wci_text_add_format(&text, "#!/bin/sh\n%s", script);
    save_file(path, text.data, text.length);
    wci_text_free(&text);
    ck_assert_int_eq(chmod(path, 0755), 0);
    logger = wci_conf_log(conf);
    const struct wci_detector_host host = {.conf = conf, .log = &logger};
    assert_done(wci_children_open(&host, path, &detector));
    is_open = true;
}

/* What it says of a picture: its version, which is the child's number, into `version`. */
static wildcam_status look_until(int64_t id, const atomic_bool *is_unwanted, long *version)
{
    wildcam_image image;
    struct wildcam_findings findings;
    wci_image_init(&image);
    image.id = id;
    wildcam_picture picture = {.image = &image, .is_unwanted = is_unwanted, .path = "/a picture"};
    wci_findings_init(&findings);
    wci_error_clear();
    ck_assert_int_eq(wci_findings_begin(&findings, &detector), WILDCAM_OK);
    wildcam_status status = detector.detect(detector.user, &picture, &findings);
    if (status == WILDCAM_OK) {
        ck_assert_int_eq(findings.count, 1);
        const wildcam_detection *found = &findings.list[0];
        ck_assert_int_eq(wildcam_detection_get_category(found), WILDCAM_CATEGORY_ANIMAL);
        ck_assert_str_eq(wildcam_detection_get_detector(found), "shell");
        *version = strtol(wildcam_detection_get_detector_version(found), NULL, 10);
    }
    wci_findings_release(&findings);
    wci_image_release(&image);
    return status;
}

static wildcam_status look(int64_t id)
{
    long version;
    return look_until(id, NULL, &version);
}

static long look_well(int64_t id)
{
    long version = 0;
    assert_ok(look_until(id, NULL, &version));
    ck_assert_int_gt(version, 0);
    return version;
}

/* How often a child has done something. */
static int count_lines(const char *name)
{
    const char *path = scratch_path("%s", name);
    size_t size;
    if (!file_exists(path))
        return 0;
    free(load_file(path, &size));
    return (int)size;
}

/* ---- what goes well ---- */

START_TEST(one_child_looks_at_all_pictures)
{
    open_it(HELLO LOOP(ANSWER));
    ck_assert_int_eq(strncmp(wci_text_get(&detector.name), "process:/", 9), 0);
    long child = look_well(1);
    for (int64_t id = 2; id < 50; id++)
        ck_assert_int_eq(look_well(id << 31), child);
}
END_TEST

START_TEST(question_says_what_is_known)
{
    open_it(HELLO NEXT "echo \"$question\" >\"$DIR/question\"\n" ANSWER LOOP(ANSWER));
    look_well(9007199254740991);
    size_t size;
    char *question = load_file(scratch_path("question"), &size);
    ck_assert_msg(
        size > 2 && strncmp(question, "{\"id\":9007199254740991,\"file\":\"/a picture\",", 43) == 0,
        "%.*s", (int)size, question);
    free(question);
}
END_TEST

static void *look_in_a_thread(void *id)
{
    look_well((int64_t)(intptr_t)id);
    return NULL;
}

/* Each child waits at its picture until the other one is at its own. */
START_TEST(several_look_at_one_time)
{
    pthread_t threads[2];
    assert_ok(wildcam_conf_set(conf, "process.children", "2"));
    open_it(HELLO LOOP(": >\"$DIR/at$id\"\n"
                       "until [ -e \"$DIR/at1\" ] && [ -e \"$DIR/at2\" ]; do :; done\n" ANSWER));
    for (intptr_t i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_in_a_thread, (void *)(i + 1)), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

START_TEST(no_more_children_than_set)
{
    pthread_t threads[6];
    open_it(COUNT("starts") HELLO LOOP(ANSWER));
    for (intptr_t i = 0; i < 6; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_in_a_thread, (void *)(i + 1)), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(count_lines("starts"), 1);
}
END_TEST

START_TEST(child_has_no_file_and_no_secret_of_ours)
{
    int fd = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(dup2(fd, 77), 77); /* as a host may open files */
    setenv("WILDCAM_S3_SECRET_KEY", "secret", 1);
    open_it("[ -e /proc/$$/fd/77 ] && exit 7\nenv >\"$DIR/env\"\n" HELLO LOOP(ANSWER));
    look_well(1);
    size_t size;
    char *environment = load_file(scratch_path("env"), &size);
    ck_assert_ptr_null(memmem(environment, size, "secret", 6));
    ck_assert_ptr_nonnull(memmem(environment, size, "WILDCAM_DETECTOR_PROTOCOL=1\n", 28));
    free(environment);
    close(77);
    close(fd);
}
END_TEST

START_TEST(errors_go_to_the_log)
{
    open_it("echo >&2 'loading it'\n" HELLO LOOP("printf 'a\\rb\\n\\nlast' >&2\n" ANSWER));
    look_well(1);
    look_well(2);
    ck_assert_int_eq(count_log("child: loading it"), 1);
    ck_assert_int_ge(count_log("child: a"), 1);
    close_it();
    ck_assert_int_eq(count_log("child: b"), 2);
    ck_assert_int_ge(count_log("child: last"), 1);
}
END_TEST

START_TEST(many_errors_neither_stop_it_nor_fill_the_log)
{
    expect_log("lines were left out");
    open_it(HELLO LOOP("yes 'an error like all others' | head -n 20000 >&2\n" ANSWER));
    look_well(1);
    look_well(2);
    close_it();
    int count = count_log("an error like all others");
    ck_assert_msg(count >= 60 && count <= 120, "%d lines", count); /* a minute may have passed */
}
END_TEST

/* ---- what is the detector's fault ---- */

static const struct {
    const char *script, *words;
} broken[] = {
    {"echo >&2 'No module named torch'\nexit 3\n",
     "it ended with status 3; its last words: No mod"},
    {"kill -9 $$\n", "it ended by signal 9"},
    {"echo 'Using CPU'\n" HELLO LOOP(ANSWER), "no JSON object: Using CPU"},
    {"echo '{\"protocol\":9,\"detector\":\"x\"}'\n" LOOP(ANSWER), "version 9 of the protocol"},
    {"printf '{\"protocol\"'\n", "in the middle of a line with status 0"},
    {"exec >&-\nexec sleep 100000\n", "it ended its output, and was killed"},
    {"sleep 100000 & echo $! >\"$DIR/sleeper\"\nwait\n", "no hello within 0.3 s"},
    {"yes | tr -d '\\n'\n", "a line of more than 1048576 bytes"},
};

START_TEST(broken_one_costs_no_picture_an_attempt)
{
    expect_log("cannot be used");
    assert_ok(wildcam_conf_set(conf, "process.start_timeout",
                               strstr(broken[_i].words, "0.3 s") ? "0.3" : "100"));
    open_it(broken[_i].script);
    assert_fails(WILDCAM_ERR_BUSY, broken[_i].words, look(1));
    /* It is left alone for a while, and the next picture is told why. */
    assert_fails(WILDCAM_ERR_BUSY, broken[_i].words, look(2));
    ck_assert_ptr_nonnull(strstr(wildcam_error_message(), "tried again in"));
    ck_assert_int_eq(count_log("cannot be used"), 1);
}
END_TEST

START_TEST(all_that_fail_are_the_detectors_fault)
{
    expect_log("so it was with all of the last pictures");
    open_it(HELLO LOOP("echo '{\"id\":'$id',\"failure\":\"no weights\"}'\n"));
    for (int64_t id = 1; id < 5; id++)
        assert_fails(WILDCAM_ERR_IO, "no weights", look(id));
    assert_fails(WILDCAM_ERR_BUSY, "no weights", look(5));
    assert_fails(WILDCAM_ERR_BUSY, "no weights (it is tried again in 1 s)", look(6));
}
END_TEST

/* ---- what is this picture's fault, as far as is known ---- */

static const struct {
    const char *work, *words;
} failing[] = {
    {"echo '{\"id\":'$id',\"failure\":\"bad Huffman code\"}'\n", "bad Huffman code"},
    {"echo Traceback >&2; exit 1\n", "it ended with status 1; its last words: Traceback"},
    {"kill -11 $$\n", "it ended by signal 11"},
    {"exec sleep 100000\n", "it took longer than 3 s (process.timeout)"},
    {"printf '{\"id\":'\nexec sleep 100000\n", "it took longer than 3 s"},
    {"printf '{\"id\":'\nexit 0\n", "it ended in the middle of a line with status 0"},
    {"echo nonsense\n", "no JSON object: nonsense"},
    {"echo '{\"id\":6,\"detections\":[]}'\n", "for picture 6 when it was asked for 1"},
    {"yes | tr -d '\\n'\n", "a line of more than 1048576 bytes"},
    {"echo '{\"id\":1,\"detections\":[{\"category\":\"1\",\"conf\":1,\"bbox\":[0,0,64,64]}]}'\n",
     "are they pixels?"},
};

/* The picture fails, and the next one goes well, with a new child where that was of no use. */
START_TEST(next_picture_goes_well)
{
    expect_log("ended");
    assert_ok(wildcam_conf_set(conf, "process.timeout", "3")); /* the next one needs some of it */
    struct wci_text script = {0};
    wci_text_add_format(&script, HELLO "%s", "while :; do " NEXT "if [ $id = 1 ]; then\n");
    wci_text_add_format(&script, "%scontinue\nfi\n" ANSWER "done\n", failing[_i].work);
    open_it(script.data);
    wci_text_free(&script);
    assert_fails(WILDCAM_ERR_IO, failing[_i].words, look(1));
    look_well(2);
}
END_TEST

START_TEST(picture_of_one_that_was_killed_goes_to_the_next)
{
    expect_log("it ended by signal 9");
    open_it(HELLO LOOP("[ $id = 1 ] && [ ! -e \"$DIR/killed\" ] && : >\"$DIR/killed\" && kill -9 "
                       "$$\n" ANSWER));
    look_well(1);
    ck_assert_int_eq(count_log("it ended by signal 9"), 1);
}
END_TEST

START_TEST(one_that_ends_between_pictures_is_replaced)
{
    expect_log("it ended with status 0");
    open_it(COUNT("starts") HELLO NEXT ANSWER);
    for (int64_t id = 1; id <= 7; id++)
        look_well(id);
    ck_assert_int_eq(count_lines("starts"), 7);
}
END_TEST

START_TEST(one_that_reads_nothing_sends_no_signal)
{
    expect_log("it reads no more");
    signal(SIGPIPE, SIG_DFL); /* it would end the test */
    open_it("exec <&-\n" HELLO "exec sleep 100000\n");
    assert_fails(WILDCAM_ERR_IO, "it reads no more", look(1));
}
END_TEST

START_TEST(word_that_nobody_asked_for_ends_it)
{
    expect_log("more than one line");
    expect_log("nobody asked for");
    open_it(COUNT("starts") HELLO LOOP("echo '{\"id\":'$id',\"detections\":[{\"category\":1,"
                                       "\"conf\":1}]}\n{\"id\":2,\"detections\":[]}'\n"));
    look_well(1);
    look_well(2);
    ck_assert_int_eq(count_lines("starts"), 2);
}
END_TEST

/* ---- its end ---- */

/* Whether a process of that number still does anything. */
static bool lives(long pid)
{
    char text[200] = "";
    char path[40];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    const char *line = fgets(text, sizeof text, file);
    fclose(file);
    const char *state = line ? strrchr(text, ')') : NULL;
    return state && state[2] != 'Z' && state[2] != 'X';
}

START_TEST(what_it_started_ends_with_it)
{
    assert_ok(wildcam_conf_set(conf, "process.timeout", "0.3"));
    open_it(HELLO LOOP("sleep 100000 & echo $! >\"$DIR/sleeper\"; wait\n"));
    assert_fails(WILDCAM_ERR_IO, "it took longer", look(1));
    size_t size;
    char *text = load_file(scratch_path("sleeper"), &size);
    long sleeper = strtol(text, NULL, 10);
    free(text);
    ck_assert_int_gt(sleeper, 1);
    while (lives(sleeper)) /* it was killed, but may not have been told yet */
        sched_yield();
}
END_TEST

START_TEST(closing_waits_for_none_that_does_not_listen)
{
    assert_ok(wildcam_conf_set(conf, "process.children", "3"));
    open_it("trap '' TERM HUP INT\n" HELLO NEXT ANSWER "while :; do sleep 100000; done\n");
    look_well(1);
    int64_t began = wci_calendar_monotonic();
    close_it();
    ck_assert_int_lt(wci_calendar_monotonic() - began, 30 * WCI_SECOND);
}
END_TEST

START_TEST(closing_lets_it_tidy_up)
{
    open_it(HELLO NEXT ANSWER "read -r question || : >\"$DIR/tidied\"\n");
    look_well(1);
    close_it();
    ck_assert(file_exists(scratch_path("tidied")));
}
END_TEST

/* The host has forked, and its child has closed what it has inherited: the parent's end is seen. */
START_TEST(forked_host_holds_no_pipe)
{
    int wait[2], ready[2];
    char byte = 0;
    assert_ok(wildcam_conf_set(conf, "process.children", "1"));
    open_it(HELLO NEXT ANSWER "read -r question || : >\"$DIR/tidied\"\n");
    look_well(1);
    ck_assert(pipe(wait) == 0 && pipe(ready) == 0);
    pid_t host = fork();
    ck_assert_int_ge(host, 0);
    if (host == 0) {
        detector.close(detector.user, true);
        close(wait[1]);
        _exit(write(ready[1], &byte, 1) == 1 && read(wait[0], &byte, 1) == 0 ? 0 : 1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close_it();
    ck_assert(file_exists(scratch_path("tidied")));
    close(wait[1]);
    close(wait[0]);
    close(ready[0]);
    close(ready[1]);
    ck_assert_int_eq(waitpid(host, NULL, 0), host);
}
END_TEST

struct stopper {
    const char *sign; /* a file that says that it is time */
    atomic_bool is_unwanted;
};

static void *stop(void *user)
{
    struct stopper *stopper = user;
    while (!file_exists(stopper->sign))
        sched_yield();
    atomic_store(&stopper->is_unwanted, true);
    return NULL;
}

/* The station stops: while it starts, and while it is at a picture. */
START_TEST(unwanted_answer_is_not_waited_for)
{
    pthread_t thread;
    struct stopper stopper = {.sign = scratch_path("at it")};
    long version;
    const char *const hang = ": >\"$DIR/at it\"; exec sleep 100000\n";
    struct wci_text script = {0};
    wci_text_add_format(&script, "%s" HELLO, _i ? "" : hang);
    wci_text_add_format(&script, "%s%s", NEXT, hang);
    open_it(script.data);
    wci_text_free(&script);
    ck_assert_int_eq(pthread_create(&thread, NULL, stop, &stopper), 0);
    assert_fails(WILDCAM_ERR_CANCELLED, "stops", look_until(1, &stopper.is_unwanted, &version));
    pthread_join(thread, NULL);
}
END_TEST

static int count_own_files(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

START_TEST(leaves_no_file_open)
{
    expect_log("ended");
    expect_log("cannot be used");
    scratch();
    int before = count_own_files();
    open_it(HELLO LOOP("[ $id -gt 3 ] && exit 1\n" ANSWER));
    for (int64_t id = 1; id < 12; id++)
        look(id);
    close_it();
    ck_assert_int_eq(count_own_files(), before);
}
END_TEST

/* A host that has closed its standard files: the pipes' ends get their numbers. */
static const char *look_without_standard_files(void)
{
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    open_it(HELLO LOOP(ANSWER));
    long version;
    wildcam_status status = look_until(1, NULL, &version);
    close_it();
    return status == WILDCAM_OK ? NULL : "it did not work";
}

START_TEST(works_without_standard_files)
{
    run_apart(0, look_without_standard_files);
}
END_TEST

START_TEST(opening_says_what_is_wrong)
{
    logger = wci_conf_log(conf);
    const struct wci_detector_host host = {.conf = conf, .log = &logger};
    static const struct {
        const char *command;
        wildcam_status status;
        const char *words;
    } wrong[] = {
        {"no-such-program", WILDCAM_ERR_NOTFOUND, "process:no-such-program: there is no program"},
        {"/nowhere/x y", WILDCAM_ERR_NOTFOUND, "process:/nowhere/x y: the program /nowhere/x"},
        {"'sh", WILDCAM_ERR_INVALID, "a quote is not closed"},
        {" ", WILDCAM_ERR_INVALID, "names no program"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        wci_error_clear();
        assert_fails(wrong[i].status, wrong[i].words,
                     wci_children_open(&host, wrong[i].command, &detector));
        ck_assert_ptr_null(detector.name.data);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("children");
    TCase *well = harness_case(suite, "well"), *faults = harness_case(suite, "faults"),
          *ends = harness_case(suite, "ends");
    tcase_add_checked_fixture(well, begin, end);
    tcase_add_test(well, one_child_looks_at_all_pictures);
    tcase_add_test(well, question_says_what_is_known);
    tcase_add_test(well, several_look_at_one_time);
    tcase_add_test(well, no_more_children_than_set);
    tcase_add_test(well, child_has_no_file_and_no_secret_of_ours);
    tcase_add_test(well, errors_go_to_the_log);
    tcase_add_test(well, many_errors_neither_stop_it_nor_fill_the_log);
    tcase_add_checked_fixture(faults, begin, end);
    tcase_add_loop_test(faults, broken_one_costs_no_picture_an_attempt, 0,
                        sizeof broken / sizeof broken[0]);
    tcase_add_test(faults, all_that_fail_are_the_detectors_fault);
    tcase_add_loop_test(faults, next_picture_goes_well, 0, sizeof failing / sizeof failing[0]);
    tcase_add_test(faults, picture_of_one_that_was_killed_goes_to_the_next);
    tcase_add_test(faults, one_that_ends_between_pictures_is_replaced);
    tcase_add_test(faults, one_that_reads_nothing_sends_no_signal);
    tcase_add_test(faults, word_that_nobody_asked_for_ends_it);
    tcase_add_test(faults, opening_says_what_is_wrong);
    tcase_add_checked_fixture(ends, begin, end);
    tcase_add_test(ends, what_it_started_ends_with_it);
    tcase_add_test(ends, closing_waits_for_none_that_does_not_listen);
    tcase_add_test(ends, closing_lets_it_tidy_up);
    tcase_add_test(ends, forked_host_holds_no_pipe);
    tcase_add_loop_test(ends, unwanted_answer_is_not_waited_for, 0, 2);
    tcase_add_test(ends, leaves_no_file_open);
    tcase_add_test(ends, works_without_standard_files);
    return suite;
}
