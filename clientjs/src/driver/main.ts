// The injected driver: run by CDP in an isolated world of every frame and every
// new document. Input is the transport's, so none by script is part of it.

import { install } from "./install";

install();
