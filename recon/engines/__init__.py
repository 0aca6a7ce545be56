"""The engines that can execute the rules; a run knows only their port."""
