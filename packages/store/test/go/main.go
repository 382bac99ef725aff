// Command gunzip reads one gzip member from standard input with the decoder named by its argument and prints the number
// of bytes of text, and how many bytes follow the member. The decoder compares the text's CRC-32 and length modulo 2^32.
package main

import (
	"bufio"
	stdgzip "compress/gzip"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(decoder string) error {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	var text io.Reader
	switch decoder {
	case "standard":
		reader, err := stdgzip.NewReader(input)
		if err != nil {
			return err
		}
		reader.Multistream(false)
		text = reader
	case "klauspost":
		reader, err := gzip.NewReader(input)
		if err != nil {
			return err
		}
		reader.Multistream(false)
		text = reader
	default:
		return fmt.Errorf("no decoder %q", decoder)
	}
	length, err := io.Copy(io.Discard, text)
	if err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, input)
	if err != nil {
		return err
	}
	fmt.Printf("%d %d\n", length, rest)
	return nil
}
