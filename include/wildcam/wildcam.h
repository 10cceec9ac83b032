/**
 * @file wildcam.h
 * Everything. Include this one.
 */

/**
 * @mainpage libwildcam
 *
 * A program includes `<wildcam/wildcam.h>`. It opens a wildcam_station, takes pictures in through
 * a wildcam_ingest, asks for detections with a wildcam_query, and closes the station.
 *
 * @section ownership Ownership, the whole of it
 *
 * 1. What a call puts into a `T **out` is the caller's on success and is freed with T's own
 *    function; on failure it is NULL and nothing was taken. (A receipt alone tells of a failure,
 *    too: wildcam_uploader_send_file().)
 * 2. What a getter returns is borrowed. Its line says for how long.
 * 3. Memory that is bytes or text and the caller's is freed with wildcam_free(). Bytes come with
 *    their length.
 * 4. What a caller passes in is copied. No call takes an object over.
 * 5. Every free and close takes NULL. Children (cursors, batches, ingests) hold their station's
 *    memory, so any order of freeing is safe; once the station is closed they answer
 *    #WILDCAM_ERR_CLOSED.
 *
 * @section threads Threads, fork, signals
 *
 * A station, an uploader and metrics may be used from any thread. Everything else is used by one
 * thread at a time. Opening starts no threads; wildcam_station_start() starts one for housekeeping,
 * and two more where pictures are uploaded: one that decides what goes when, one that moves the
 * bytes.
 * After `fork` a child's calls answer #WILDCAM_ERR_FORKED, and its closing and freeing give back
 * memory only. The library installs no signal handler, changes no locale, writes nothing to
 * standard output and ends no process.
 */
#ifndef WILDCAM_WILDCAM_H
#define WILDCAM_WILDCAM_H

#include <wildcam/access.h>
#include <wildcam/alert.h>
#include <wildcam/analytics.h>
#include <wildcam/backup.h>
#include <wildcam/camera.h>
#include <wildcam/conf.h>
#include <wildcam/deployment.h>
#include <wildcam/detection.h>
#include <wildcam/event.h>
#include <wildcam/exchange.h>
#include <wildcam/export.h>
#include <wildcam/image.h>
#include <wildcam/ingest.h>
#include <wildcam/log.h>
#include <wildcam/metrics.h>
#include <wildcam/privacy.h>
#include <wildcam/process.h>
#include <wildcam/query.h>
#include <wildcam/regions.h>
#include <wildcam/report.h>
#include <wildcam/retention.h>
#include <wildcam/station.h>
#include <wildcam/status.h>
#include <wildcam/summary.h>
#include <wildcam/time.h>
#include <wildcam/upload.h>
#include <wildcam/uploader.h>
#include <wildcam/user.h>
#include <wildcam/version.h>

#endif
