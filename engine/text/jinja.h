/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The subset of Jinja2 that chat templates are written in: if, for with loop.*, set, expressions,
 * filters, tests and string methods; what is not in it is refused when the template is read, not
 * when it is used. Rendering is bounded in steps and memory, and knows of every byte of its output
 * who wrote it.
 */
#pragma once
#include "text/jinja-value.h"

G_BEGIN_DECLS

typedef struct _JinjaTemplate JinjaTemplate;

/* Returns: (transfer full): or %NULL; @error says in which line is what. Errors: #AttuneTextError.
 */
JinjaTemplate *jinja_template_new (const char *source, GError **error);
void jinja_template_free (JinjaTemplate *self);

/**
 * jinja_template_render:
 * @pool: what @variables lie in; takes what rendering needs
 * @variables: the template's names: "messages" …
 * @out: appended
 *
 * May run in several threads at once, each with its own pool.
 */
gboolean jinja_template_render (const JinjaTemplate *self, JinjaPool *pool,
                                const JinjaMap *variables, AttuneMarkedText *out, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JinjaTemplate, jinja_template_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (JinjaPool, jinja_pool_free)

G_END_DECLS
