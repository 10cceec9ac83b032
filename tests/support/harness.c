#include "support/harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[512];
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static char log_lines[64 * 1024], expected[16][128];
static size_t log_length;
static int expected_count;

static int remove_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)status;
    (void)flag;
    (void)walk;
    return remove(path);
}

static void remove_scratch(void)
{
    if (directory[0])
        nftw(directory, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
    directory[0] = '\0';
}

const char *scratch(void)
{
    if (!directory[0]) {
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof directory, "%s/wildcam-test-XXXXXX", base ? base : "/tmp");
        ck_assert_msg(mkdtemp(directory) != NULL, "cannot make a scratch directory: %s",
                      strerror(errno));
    }
    return directory;
}

const char *scratch_path(const char *format, ...)
{
    static char paths[8][2048];
    static int next;
    char name[768];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", scratch(), name);
    return path;
}

static void begin(void)
{
    directory[0] = '\0';
    log_length = 0;
    log_lines[0] = '\0';
    expected_count = 0;
}

TCase *harness_case(Suite *suite, const char *name)
{
    TCase *test_case = tcase_create(name);
    tcase_add_checked_fixture(test_case, begin, remove_scratch);
    tcase_set_timeout(test_case, 120);
    suite_add_tcase(suite, test_case);
    return test_case;
}

const char *real_data(void)
{
    static char path[1024];
    const char *named = getenv("WILDCAM_TEST_DATA");
    const char *root = getenv("WILDCAM_SOURCE_ROOT");
    if (named)
        snprintf(path, sizeof path, "%s", named);
    else
        snprintf(path, sizeof path, "%s/../shared/data", root ? root : ".");
    if (access(path, R_OK) == 0)
        return path;
    printf("SKIP: the real files are not at %s (WILDCAM_TEST_DATA)\n", path);
    return NULL;
}

void expect_log(const char *words)
{
    ck_assert_int_lt(expected_count, 16);
    snprintf(expected[expected_count++], sizeof expected[0], "%s", words);
}

int count_log(const char *words)
{
    int count = 0;
    pthread_mutex_lock(&log_mutex);
    for (const char *at = log_lines; (at = strstr(at, words)); at = strchr(at, '\n'))
        count++;
    pthread_mutex_unlock(&log_mutex);
    return count;
}

static void take_log(void *user, int level, const char *module, const char *text)
{
    bool is_expected = level > WILDCAM_LOG_WARNING;
    (void)user;
    pthread_mutex_lock(&log_mutex);
    for (int i = 0; i < expected_count; i++)
        is_expected = is_expected || strstr(text, expected[i]);
    if (log_length < sizeof log_lines - 2048)
        log_length += (size_t)snprintf(log_lines + log_length, sizeof log_lines - log_length,
                                       "%s: %s\n", module, text);
    pthread_mutex_unlock(&log_mutex);
    ck_assert_msg(is_expected, "an unexpected line in the log: %s: %s", module, text);
}

wildcam_conf *station_conf(void)
{
    wildcam_conf *conf;
    assert_ok(wildcam_conf_new(&conf));
    assert_ok(wildcam_conf_set(conf, "data.dir", scratch_path("station")));
    assert_ok(wildcam_conf_set(conf, "disk.min_free_bytes", "0"));
    assert_ok(wildcam_conf_set(conf, "log.level", "info"));
    assert_ok(wildcam_conf_set(conf, "store.slow_query", "0")); /* disks that are busy are slow */
    assert_ok(wildcam_conf_set_log(conf, take_log, NULL));
    return conf;
}

wildcam_station *open_station(wildcam_conf *conf)
{
    wildcam_station *station;
    assert_ok(wildcam_station_open(conf, &station));
    return station;
}

void *load_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *data = malloc(*size + 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, *size, file), *size);
    ((char *)data)[*size] = '\0';
    fclose(file);
    return data;
}

void save_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot make %s", path);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    fclose(file);
}

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

static int counted;

static int count_entry(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
    (void)path;
    (void)status;
    (void)walk;
    counted += flag == FTW_F;
    return 0;
}

int count_files(const char *path)
{
    counted = 0;
    nftw(path, count_entry, 32, FTW_PHYS);
    return counted;
}

int main(void)
{
    Suite *suite = make_suite();
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, getenv("WILDCAM_TEST_TAP"));
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
