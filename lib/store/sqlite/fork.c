/* A process that is forked while one of its threads is within SQLite would give its child locks
 * that nobody opens any more: the child's first call, for a station of its own, would wait for
 * ever. */
#include <pthread.h>
#include <sqlite3.h>

#include "base/error.h"
#include "store/sqlite/sqlite.h"

/* SQLite's global locks, in the order in which it takes them itself: looking for a name of a
 * temporary file asks for chance, which asks for the file system; all of them ask for memory. */
static const int locks[] = {SQLITE_MUTEX_STATIC_VFS1,   SQLITE_MUTEX_STATIC_VFS2,
                            SQLITE_MUTEX_STATIC_VFS3,   SQLITE_MUTEX_STATIC_PRNG,
                            SQLITE_MUTEX_STATIC_MASTER, SQLITE_MUTEX_STATIC_LRU,
                            SQLITE_MUTEX_STATIC_PMEM,   SQLITE_MUTEX_STATIC_MEM};
enum { LOCKS = sizeof locks / sizeof locks[0] };

static pthread_mutex_t forks_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool forks_minded;

/* NULL, for a SQLite that has no threads, is passed over by SQLite. */
static sqlite3_mutex *lock(int i)
{
    return sqlite3_mutex_alloc(locks[i]);
}

static void take_locks(void)
{
    for (int i = 0; i < LOCKS; i++)
        sqlite3_mutex_enter(lock(i));
}

static void give_locks(void)
{
    for (int i = LOCKS; i > 0; i--)
        sqlite3_mutex_leave(lock(i - 1));
}

wildcam_status wci_sqlite_mind_forks(void)
{
    pthread_mutex_lock(&forks_mutex);
    forks_minded = forks_minded || pthread_atfork(take_locks, give_locks, give_locks) == 0;
    bool is_well = forks_minded;
    pthread_mutex_unlock(&forks_mutex);
    return is_well ? WILDCAM_OK : wci_fail_memory();
}
