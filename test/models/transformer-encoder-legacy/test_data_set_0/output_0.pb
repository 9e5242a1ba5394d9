BoutputJ À
i=`;½´:!½,KÇ½bQK¾Ûf?NV\¾‚+?