BoutputJ À
i=`;½º:!½$KÇ½^QK¾Üf?VV\¾€+?