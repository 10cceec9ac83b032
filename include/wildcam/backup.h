/**
 * @file backup.h
 * Copying a station while it works, getting it back, and looking whether it is whole.
 */
#ifndef WILDCAM_BACKUP_H
#define WILDCAM_BACKUP_H

#include <stddef.h>
#include <stdint.h>

#include <wildcam/station.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Takes one finding of a check. It runs on the caller's thread, under no lock, and must not call
 * back into the library.
 *
 * @param user   what was given beside it.
 * @param what   what is wrong: "database", "summary", "row without file", "file without row",
 *               "damaged file", "set aside" or "left over".
 * @param where  the file, relative to `data.dir`, or the shard and id of a row.
 * @param text   one sentence.
 */
typedef void wildcam_finding_fn(void *user, const char *what, const char *where, const char *text);

/** How thorough a check is; the values can be added up. */
enum {
    WILDCAM_CHECK_CONTENT = 1 /**< Read every picture and compare its SHA-256. */
};

/**
 * Copies the whole station into a directory while it goes on working. All databases are copied as
 * they were at one moment, and every picture that they name is there.
 *
 * Every picture's content is compared with its SHA-256, also where an earlier backup into the same
 * directory has it already: one that is damaged there is copied again, and one that is damaged in
 * the station does not take the place of a good copy. One that the disk cannot read is as good as
 * damaged. A later backup so takes the time of reading the earlier one once.
 *
 * A later backup of the station into the same directory copies only new pictures and takes the
 * place of the earlier one at its very end. Then the pictures of days that the station has purged
 * go from the backup, too; those of shards that were set aside stay.
 *
 * A shard that was set aside is carried over: the backup has it as the earlier one had it, and a
 * restore brings it back so. That ends when it is put back or purged, and when something late has
 * begun a new shard of its time, because two would hide each other's rows: copy the file
 * database/detections/NAME.db out of the backup before. One that is damaged in the earlier backup,
 * too, is not carried over.
 *
 * @param self       the station.
 * @param directory  where to; made when it is not there, but not those above it: the disk may not
 *                   be mounted. Neither in the station's directory nor around it.
 * @param progress   told how far it is; may be NULL.
 * @param user       handed to @p progress.
 * @param copied     where the number of pictures goes that were copied, because they were not there
 *                   or damaged there; may be NULL.
 * @return #WILDCAM_OK; #WILDCAM_ERR_CANCELLED; #WILDCAM_ERR_EXISTS when the directory holds
 *         something else, or the backup of another station; #WILDCAM_ERR_NOTFOUND when the
 *         directory above it is not there; #WILDCAM_ERR_VERSION when a newer library made the
 *         backup that is there; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED;
 *         #WILDCAM_ERR_BUSY when a writer held a shard, or a purge, retention or a release went on
 *         deleting, for longer than `store.busy_timeout`, or when another backup into the directory
 *         is running; #WILDCAM_ERR_CORRUPT when a database turns out to
 *         be damaged on the way, or the manifest of the backup that is there is damaged, so that
 *         it cannot be told whose it is: remove that directory, or choose another;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an argument is
 *         NULL, the directory's name is empty, or it is in the station's or around it;
 *         #WILDCAM_ERR_NOMEM: the earlier backup stays.
 *         #WILDCAM_ERR_INCOMPLETE: the backup is made, but it lacks pictures whose files are gone,
 *         damaged or beyond reading, or shards that were set aside, or has such shards as the
 *         earlier backup had them. The sentence names the first of the pictures, and the shards of
 *         either kind; the log names each picture.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk. Writers wait while the
 * moment is taken, a few milliseconds per shard.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_backup(wildcam_station *self, const char *directory,
                                                  wildcam_progress_fn *progress, void *user,
                                                  int64_t *copied);

/**
 * Makes a station out of a backup. Every file is compared with what the backup says of it. A
 * damaged database ends it; a damaged picture does not cost the others. What the disk cannot read
 * is as good as damaged.
 *
 * @param backup     the directory that wildcam_station_backup() filled.
 * @param directory  the `data.dir` to be; it must be empty or not be there.
 * @param progress   told how far it is; may be NULL.
 * @param user       handed to @p progress.
 * @return #WILDCAM_OK; #WILDCAM_ERR_NOTFOUND when there is no finished backup; #WILDCAM_ERR_EXISTS
 *         when the directory is not empty; #WILDCAM_ERR_CORRUPT when one of its databases is
 *         damaged; #WILDCAM_ERR_VERSION when a newer library made it; #WILDCAM_ERR_CANCELLED;
 *         #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_IO; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_INVALID when an
 *         argument is NULL, or @p directory is empty or inside the backup; #WILDCAM_ERR_NOMEM:
 *         nothing is left in the directory.
 *         #WILDCAM_ERR_INCOMPLETE: the station is restored, but the backup lacks pictures, or their
 *         files in it are damaged or cannot be read. The sentence names the first of them, and
 *         wildcam_station_check() all.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_restore(const char *backup, const char *directory,
                                           wildcam_progress_fn *progress, void *user);

/**
 * Looks whether a station is whole, both ways: every database by its own integrity check, the
 * summaries against a recount, every row for its file, every file for its row. It may run while the
 * station works. Pictures that were released, whose files are in S3 alone, are counted in the log.
 * Nothing is changed, but that a file whose release a crash cut off is deleted.
 *
 * @param self      the station.
 * @param how       the WILDCAM_CHECK_ values, added up.
 * @param finding   told what is wrong; may be NULL.
 * @param progress  told how far it is; may be NULL.
 * @param user      handed to both.
 * @param findings  where their number goes; may be NULL.
 * @return #WILDCAM_OK when the check came to its end, whatever it found; #WILDCAM_ERR_CANCELLED;
 *         #WILDCAM_ERR_IO; #WILDCAM_ERR_NOSPACE; #WILDCAM_ERR_DENIED; #WILDCAM_ERR_BUSY;
 *         #WILDCAM_ERR_CLOSED; #WILDCAM_ERR_FORKED; #WILDCAM_ERR_INVALID when an argument is
 *         outside its limits; #WILDCAM_ERR_NOMEM.
 *
 * Ownership: none. Thread safety: any thread, at any time. Blocking: disk.
 *
 * @since 0.1
 */
WILDCAM_API wildcam_status wildcam_station_check(wildcam_station *self, uint32_t how,
                                                 wildcam_finding_fn *finding,
                                                 wildcam_progress_fn *progress, void *user,
                                                 int64_t *findings);

#ifdef __cplusplus
}
#endif

#endif
