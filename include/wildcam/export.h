/**
 * @file export.h
 * How a symbol leaves the library.
 */
#ifndef WILDCAM_EXPORT_H
#define WILDCAM_EXPORT_H

#if defined(__GNUC__)
#define WILDCAM_API __attribute__((visibility("default")))
#else
#define WILDCAM_API
#endif

#endif
