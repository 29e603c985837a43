using System.Text;

namespace KernelGen.Fuzz;

/// <summary>Changes inputs: bits, numbers at their edges, pieces cut, doubled or taken from another input, words of the language.</summary>
internal sealed class Mutator(Random random, string[] words)
{
    private const int Longest = 4096;

    private static readonly long[] Edges =
    [
        0,
        1,
        8,
        32,
        255,
        65_536,
        int.MaxValue,
        uint.MaxValue,
        1L << 40,
        long.MaxValue,
        -1,
        long.MinValue,
    ];

    public byte[] Mutate(byte[] input, byte[] other)
    {
        List<byte> file = [.. input];
        for (int changes = 1 << random.Next(5); changes > 0; changes--)
        {
            int at = random.Next(file.Count + 1),
                length = Math.Min(random.Next(1, 1 << random.Next(1, 7)), file.Count - at);
            switch (random.Next(8))
            {
                case 0 when length > 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when length > 0:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    byte[] number = BitConverter.GetBytes(Edges[random.Next(Edges.Length)] + random.Next(-1, 2));
                    int size = Math.Min(1 << random.Next(4), file.Count - at);
                    for (int i = 0; i < size; i++)
                    {
                        file[at + i] = number[i];
                    }
                    break;
                case 3:
                    file.RemoveRange(at, length);
                    break;
                case 4:
                    file.InsertRange(at, file.GetRange(at, length));
                    break;
                case 5:
                    int from = random.Next(other.Length + 1);
                    file.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 64), other.Length - from)).ToArray());
                    break;
                case 6:
                    file.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
                    break;
                default:
                    file.InsertRange(at, Encoding.ASCII.GetBytes(Edges[random.Next(Edges.Length)].ToString()));
                    break;
            }
        }
        return [.. file.Take(Longest)];
    }
}
