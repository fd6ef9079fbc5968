-- blob.summed may be 2: the checksums of the frames are XXH64, of 8 bytes. With 1 they are CRC-32, as before.
SELECT 1;
