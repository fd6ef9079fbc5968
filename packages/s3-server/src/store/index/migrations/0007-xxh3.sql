-- blob.summed may be 3: the checksums of the frames are XXH3.
SELECT 1;
