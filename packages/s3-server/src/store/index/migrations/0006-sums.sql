-- blob.summed may be 2: the checksums of the frames are 8 bytes of AES-128-GMAC. With 1 they are CRC-32, as before.
SELECT 1;
