/* orch.translations/1, offered by a plugin whose words are known in more languages than English.
 *
 * What a plugin says (the errors, reasons and advice in its results, the words of its failures) is English:
 * that is what a host logs and keeps. A host that shows it to a person of another language has it translated
 * just before, so that what was said long ago can be read in every language, too. Titles, labels and hints of
 * forms are not meant: they come in all languages at once. Since 1.4. */
#ifndef ORCH_EXT_TRANSLATIONS_H
#define ORCH_EXT_TRANSLATIONS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_TRANSLATIONS "orch.translations/1"

typedef struct orch_translations {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the plugin's own; first argument of every function here */

    /* [thread-safe] Also before `start`. Does not block.
     * request  {"locale": "ru", "said": what the plugin has said: any result of its functions, or its failure
     *           as {"words", "errors": [{"field", "message"}]}}
     * result   {"said": the same}, its words in that language where the plugin knows them. What it does not
     *          know stays as it is: names, a server's own words, what people have written. */
    orch_status_t (*translate)(void *self, orch_str_t request, const orch_sink_t *result, orch_error_t *error);
} orch_translations_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_TRANSLATIONS_H */
