"""Devices that sign: enrolment, whose statements they carry, what is held back of them, and their end."""
