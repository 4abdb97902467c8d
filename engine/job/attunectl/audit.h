/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two of what attunectl data does.
 */
#pragma once
#include "command.h"

G_BEGIN_DECLS

/* @html: (nullable): where the page for people goes. Return: the exit status. */
int attune_audit_data (AttuneProject *project, const char *html, const char *pairs);
int attune_audit_agreement (const char *table, char **columns);

G_END_DECLS
