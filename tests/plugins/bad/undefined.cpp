// Needs what nobody has.
extern "C" int nobody_has_this();
extern "C" int something() { return nobody_has_this(); }
