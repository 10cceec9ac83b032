/**
 * @file upload.h
 * Pictures on their way to S3, over several regions, whatever the network does.
 */
#ifndef WILDCAM_UPLOAD_H
#define WILDCAM_UPLOAD_H

#include <stdint.h>

#include <wildcam/export.h>
#include <wildcam/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is owed to S3 for a picture: how far it is. */
typedef struct wildcam_upload wildcam_upload;

#ifdef __cplusplus
}
#endif

#endif
