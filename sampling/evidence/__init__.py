"""Evidence statistics: pure functions, DataFrame in, frozen result out; what cannot be said is a result with its reason."""
