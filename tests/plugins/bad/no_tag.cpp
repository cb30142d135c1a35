// A library, but no plugin.
extern "C" int something_else() { return 0; }
