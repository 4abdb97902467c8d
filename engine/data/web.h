/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Web pages, fetched into a folder, which is then a source of documents like any other. Only what
 * a person asks for is fetched: the page at an address, and what lies below it on the same server,
 * by links and site maps, as far as its robots.txt allows, slowly, and no more than the limits say.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

typedef struct
{
  guint max_pages;        /* that are kept */
  guint64 max_page_bytes; /* unpacked; of a larger one nothing is kept */
  guint64 max_bytes;      /* of all that is read */
  guint wait_ms;          /* between two requests, at least */
  guint idle_seconds;     /* a server may say nothing for so long */
  guint page_seconds;     /* and a page may take so long */
  const char *proxy;      /* (nullable): address that all goes through; %NULL as the system says */
} AttuneWebLimits;

/* 200 pages of 8 MB, together 512 MB; a second between two, 30 s without a word, 120 s for one. */
extern const AttuneWebLimits attune_web_limits;

typedef struct
{
  guint n_pages;   /* kept */
  guint n_refused; /* by robots.txt, or by the page itself */
  guint n_others;  /* no pages: pictures, PDF … */
  guint n_failed;
  char *problem;     /* (nullable): of the first that failed, a sentence */
  gboolean has_more; /* the limits were reached before the end */
  gboolean lost;     /* the server no longer answered, or wanted too long a rest */
} AttuneWebReport;
void attune_web_report_clear (AttuneWebReport *report);

/* Whether it begins as "http://" or "https://". */
gboolean attune_web_is_address (const char *path);

/**
 * attune_web_fetch:
 * @address: of a page or of a site map, http or https
 * @folder: is made; must not exist. Pages are NUMBER-NAME.html in it
 * @limits: (nullable): %NULL: attune_web_limits
 * @report: (out): to be cleared; filled with what was done in any case
 *
 * Redirections are followed five times in a row at most, and only to the same server (http to
 * https of the same name, too). Blocks, for minutes. Of what is no page nothing is read, and no
 * more than five addresses are asked for each page that is wanted. A server that has too much to do
 * is given its rest. Where a server is lost midway the pages that are there stay.
 *
 * Returns: %FALSE with %ATTUNE_DATA_ERROR_READ where the address itself cannot be read,
 * %ATTUNE_DATA_ERROR_EMPTY where nothing was kept, %ATTUNE_DATA_ERROR_SETTINGS while nothing is to
 * be fetched (see attune_is_offline()), or that it was cancelled: then the folder is gone
 */
gboolean attune_web_fetch (const char *address, const char *folder, const AttuneWebLimits *limits,
                           AttuneProgressFunc progress, gpointer data, GCancellable *cancellable,
                           AttuneWebReport *report, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneWebReport, attune_web_report_clear)

G_END_DECLS
