/* What each route does. Each answers the request in exactly one way. */
#ifndef SERVER_HANDLERS_H
#define SERVER_HANDLERS_H

struct request;

/* alerts.c */
void serve_alerts(struct request *request);
void serve_read_alert(struct request *request);
/* A camera has spoken: where from, so that two of one id are found out. */
void note_origin(struct request *request, const char *device_id);

/* health.c */
void serve_health(struct request *request);
void serve_alive(struct request *request);
void serve_ready(struct request *request);
void serve_openapi(struct request *request);

/* auth.c */
void serve_login(struct request *request);
void serve_refresh(struct request *request);
void serve_logout(struct request *request);
void serve_me(struct request *request);

/* scrape.c */
void serve_metrics(struct request *request);
void serve_federate(struct request *request);

/* cameras.c */
void serve_register(struct request *request);
void serve_report(struct request *request);
void serve_cameras(struct request *request);
void serve_camera(struct request *request);

/* upload.c */
void serve_upload(struct request *request);

/* deployments.c */
void serve_deployments(struct request *request);
void serve_deployment(struct request *request);
void serve_add_deployment(struct request *request);
void serve_change_deployment(struct request *request);
void serve_remove_deployment(struct request *request);

/* detections.c */
void serve_detections(struct request *request);
void serve_detection(struct request *request);
void serve_verify(struct request *request);
void serve_favourite(struct request *request);

/* events.c */
void serve_events(struct request *request);

/* images.c */
void serve_image(struct request *request);
void serve_thumbnail(struct request *request);

/* analytics.c */
void serve_statistics(struct request *request);
void serve_species(struct request *request);
void serve_activity(struct request *request);
void serve_analytics(struct request *request);

/* reports.c */
void serve_start_report(struct request *request);
void serve_job(struct request *request);
void serve_result(struct request *request);

#endif
