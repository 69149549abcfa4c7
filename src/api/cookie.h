/* The web application's cookie: into c.cookie, and out of c.cookie_out. */
#ifndef API_COOKIE_H
#define API_COOKIE_H

#include "api/request.h"

void cookie_read(ApiRequest *r);  /* of ACTION_COOKIE only */
void cookie_write(ApiRequest *r);

#endif
