//! Real repositories, servers and folders for the journeys.
