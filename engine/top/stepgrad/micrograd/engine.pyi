from engine.micrograd import Value as Value
