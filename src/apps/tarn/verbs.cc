#include "apps/tarn/verbs.h"

namespace tarn::apps {

Program tarn_program() {
  return {
      .name = "tarn",
      .summary = "A lakehouse that needs no database: files in, datasets out.",
      .verbs = {up_verb(), put_verb(), get_verb(), ls_verb(), rm_verb(), register_verb(), datasets_verb(), show_verb(),
                drop_verb(), undrop_verb(), gc_verb(), quarantine_verb(), doctor_verb(), token_verb()}};
}

}  // namespace tarn::apps
