//! Takes a job from request to recorded run, and recovers after a crash.
