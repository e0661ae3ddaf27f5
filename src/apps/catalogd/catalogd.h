#pragma once

#include "apps/command_line.h"

namespace tarn::apps {

/// The catalog over any S3 endpoint.
Program catalogd_program();

}  // namespace tarn::apps
