/* Several processes on one station. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "conformance/sqlite/raw.h"

enum { WRITERS = 3, EACH = 60, IDS = 4096 };

struct process {
    pid_t pid;
    FILE *says;
    int64_t ids[IDS];
    int count;
};

static struct subject subject;
static struct process processes[WRITERS];

static void set_up(void)
{
    subject_open(&subject, subject_conf("station"));
    memset(processes, 0, sizeof processes);
}

static void tear_down(void)
{
    assert_whole(&subject);
    subject_close(&subject);
}

static void begin(struct process *process, const char *count)
{
    const char *program = getenv("WILDCAM_TEST_WRITER");
    int ends[2];
    ck_assert_ptr_nonnull(program);
    ck_assert_int_eq(pipe(ends), 0);
    fflush(NULL);
    process->pid = fork();
    ck_assert_int_ge(process->pid, 0);
    if (process->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, scratch_path("station"), count, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    process->says = fdopen(ends[0], "r");
    ck_assert_ptr_nonnull(process->says);
}

/* The next id that was acknowledged; 0 at the end. */
static int64_t listen_once(struct process *process)
{
    char line[32];
    if (!fgets(line, sizeof line, process->says) || !strchr(line, '\n'))
        return 0;
    int64_t id = strtoll(line, NULL, 10);
    ck_assert_int_lt(process->count, IDS);
    process->ids[process->count++] = id;
    return id;
}

static int end(struct process *process)
{
    int how;
    while (listen_once(process))
        continue;
    fclose(process->says);
    ck_assert_int_eq(waitpid(process->pid, &how, 0), process->pid);
    return how;
}

static void assert_kept(const struct process *process)
{
    wildcam_detection row;
    wci_detection_init(&row);
    for (int i = 0; i < process->count; i++) {
        assert_op(subject.ops->get_detection(subject.backend, process->ids[i], &row));
        ck_assert_int_eq(strncmp(wci_text_get(&row.device_id), "WRITER-", 7), 0);
        ck_assert_str_eq(wci_text_get(&row.species), "Lynx lynx");
    }
    wci_detection_release(&row);
}

START_TEST(all_write_at_once)
{
    for (int i = 0; i < WRITERS; i++)
        begin(&processes[i], "60");
    write_months(&subject, 3, EACH);
    for (int i = 0; i < WRITERS; i++) {
        int how = end(&processes[i]);
        ck_assert_msg(WIFEXITED(how) && WEXITSTATUS(how) == 0, "a writer ended with %x", how);
        ck_assert_int_eq(processes[i].count, EACH);
        assert_kept(&processes[i]);
    }
    ck_assert_int_eq(read_all(&subject, NULL), (3 + WRITERS) * EACH);
}
END_TEST

START_TEST(what_one_is_told_the_others_see)
{
    begin(&processes[0], "30");
    for (int64_t id; (id = listen_once(&processes[0]));) {
        wildcam_detection row;
        wci_detection_init(&row);
        assert_op(subject.ops->get_detection(subject.backend, id, &row));
        wci_detection_release(&row);
    }
    ck_assert_int_eq(end(&processes[0]), 0);
    ck_assert_int_eq(processes[0].count, 30);
}
END_TEST

START_TEST(a_killed_one_loses_nothing_it_was_told)
{
    for (int round = 0; round < WRITERS; round++) {
        struct process *process = &processes[round];
        begin(process, "0");
        for (int i = 0; i < 20 * (round + 1); i++)
            ck_assert_int_gt(listen_once(process), 0);
        kill(process->pid, SIGKILL);
        int how = end(process);
        ck_assert(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
        assert_kept(process);
        assert_whole(&subject);
    }
    subject_reopen(&subject);
    for (int round = 0; round < WRITERS; round++)
        assert_kept(&processes[round]);
}
END_TEST

/* A moment for a backup stops the writers of all processes. */
START_TEST(a_copy_while_another_process_writes)
{
    struct subject copy;
    begin(&processes[0], "0");
    ck_assert_int_gt(listen_once(&processes[0]), 0);
    assert_op(wci_directory_make(scratch_path("copy")));
    assert_op(subject.ops->backup(subject.backend, scratch_path("copy"), NULL, NULL));
    kill(processes[0].pid, SIGKILL);
    end(&processes[0]);
    subject_open(&copy, subject_conf("copy"));
    int64_t copied = read_all(&copy, NULL);
    assert_whole(&copy);
    ck_assert_int_gt(copied, 0);
    ck_assert_int_le(copied, processes[0].count + 1);
    wildcam_detection row;
    wci_detection_init(&row);
    for (int i = 0; i < processes[0].count; i++) { /* the first ones and no others */
        wci_error_clear();
        wildcam_status status = copy.ops->get_detection(copy.backend, processes[0].ids[i], &row);
        ck_assert_int_eq(status, i < copied ? WILDCAM_OK : WILDCAM_ERR_NOTFOUND);
    }
    wci_detection_release(&row);
    subject_close(&copy);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("sqlite: processes");
    TCase *all = subject_case(suite, "all", set_up, tear_down);
    tcase_add_test(all, all_write_at_once);
    tcase_add_test(all, what_one_is_told_the_others_see);
    tcase_add_test(all, a_killed_one_loses_nothing_it_was_told);
    tcase_add_test(all, a_copy_while_another_process_writes);
    return suite;
}
