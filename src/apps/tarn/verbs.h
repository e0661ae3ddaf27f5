#pragma once

#include "apps/command_line.h"

namespace tarn::apps {

/// The `tarn` command.
Program tarn_program();

// Its verbs, a file each.
Verb up_verb();
Verb put_verb();
Verb get_verb();
Verb ls_verb();
Verb rm_verb();
Verb register_verb();
Verb datasets_verb();
Verb show_verb();
Verb drop_verb();
Verb undrop_verb();
Verb gc_verb();
Verb quarantine_verb();
Verb doctor_verb();
Verb token_verb();

}  // namespace tarn::apps
