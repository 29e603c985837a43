using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using KernelGen.Kernels.Coding;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Formats.Tests.Memory;

using Formats = KernelGen.Formats.Tests.Laws.Formats;

/// <summary>
/// Every public method that takes a span, of the runtime and of every format, is called with spans that end or begin at an inaccessible
/// page, of lengths that fit and that do not, with numbers that are plausible, negative and overflowing. It may throw; a read or write
/// outside its spans ends the test process (where there are no guard pages, only a hang or an invalid call fails). KERNELGEN_WALK_LOG=FILE
/// names the method that was called last.
/// </summary>
public class SpanWalkTests
{
    private const int Calls = 400,
        SecondsOfOneMethod = 30,
        MostFilled = 1 << 14,
        MostBytes = 1 << 23;

    private static readonly int[] s_lengths =
    [
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        17,
        31,
        32,
        33,
        63,
        64,
        66,
        100,
        144,
        210,
        255,
        256,
        257,
        300,
        512,
        1000,
    ];

    private static readonly int[] s_numbers = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 100, 128, 255, 256, 257, 300, 1000];

    private static readonly int[] s_hostile = [-1, -16, int.MinValue, int.MaxValue, int.MaxValue - 15, 1 << 30, 65536];

    private static readonly BindingFlags s_all =
        BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, List<object>> s_samples = Samples();

    public static TheoryData<string> Names => Formats.Names;

    [Fact]
    public void No_public_method_of_the_runtime_leaves_its_spans()
    {
        string[] skipped =
        [
            .. typeof(CompressedFormat)
                .Assembly.GetExportedTypes()
                .SelectMany(Closed)
                .SelectMany(type => type.GetMethods(s_all).Cast<MethodBase>().Concat(type.GetConstructors()))
                .Where(TakesSpan)
                .SelectMany(Closed)
                .Where(method => !Walk(method, milliseconds: 200))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
                .Distinct(),
        ];
        Assert.True(skipped.Length == 0, "no arguments for " + string.Join(", ", skipped));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_public_method_of_a_format_leaves_its_spans(string name)
    {
        Type format = Formats.All[name].Declaration;
        IEnumerable<Type> codecs = format
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(field => field.FieldType == typeof(BlockCodec))
            .Select(field => field.GetValue(null)!.GetType());
        Assert.All(codecs.Prepend(format).SelectMany(type => type.GetMethods(s_all)).Where(TakesSpan), method =>
            Assert.True(Walk(method, milliseconds: 10), method.Name)
        );
    }

    private static bool TakesSpan(MethodBase method) =>
        !method.IsAbstract
        // what takes a reference to memory without an end of its own is a part of a kernel, which its callers check for
        && method.GetParameters().All(one => !one.ParameterType.IsByRef || one.IsOut || !one.ParameterType.GetElementType()!.IsPrimitive)
        && method.GetParameters().Any(one => SpanCall.ElementOf(one.ParameterType) is not null);

    /// <summary>Calls a method with many arguments, as many as the time allows; false if there are none for it.</summary>
    private static bool Walk(MethodBase method, int milliseconds)
    {
        bool result = false;
        var thread = new Thread(() => result = WalkHere(method, milliseconds)) { IsBackground = true };
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(SecondsOfOneMethod)), $"{method.DeclaringType}.{method} does not come back");
        return result;
    }

    private static bool WalkHere(MethodBase method, int milliseconds)
    {
        if (Environment.GetEnvironmentVariable("KERNELGEN_WALK_LOG") is { } log)
        {
            File.WriteAllText(log, $"{method.DeclaringType} {method}");
        }
        var random = new Random(method.Name.Length + method.GetParameters().Length);
        var call = new SpanCall(method);
        var memory = new GuardedMemory[call.Parameters.Length];
        try
        {
            for (int i = 0; i < memory.Length; i++)
            {
                memory[i] = new(MostBytes);
            }
            var watch = Stopwatch.StartNew();
            for (int one = 0; one < Calls && watch.ElapsedMilliseconds < milliseconds; one++)
            {
                if (!Call(call, memory, random))
                {
                    return false;
                }
            }
            return true;
        }
        finally
        {
            foreach (GuardedMemory one in memory)
            {
                one.Dispose();
            }
        }
    }

    private static unsafe bool Call(SpanCall call, GuardedMemory[] memory, Random random)
    {
        object?[] values = new object?[call.Parameters.Length + 1];
        nint[] addresses = new nint[memory.Length];
        int[] lengths = new int[memory.Length];
        for (int i = 0; i < memory.Length; i++)
        {
            Type type = call.Parameters[i];
            if (SpanCall.ElementOf(type) is { } element)
            {
                int size = SizeOf(element);
                lengths[i] =
                    random.Next(40) == 0 ? MostBytes / size : s_lengths[random.Next(s_lengths.Length)] * (random.Next(3) == 0 ? 8 : 1);
                addresses[i] = random.Next(4) == 0 ? memory[i].First : memory[i].Last(lengths[i] * size);
                Fill(new Span<byte>((void*)addresses[i], Math.Min(lengths[i] * size, MostFilled)), random);
            }
            else if (Value(type.IsByRef ? type.GetElementType()! : type, random) is { } value)
            {
                values[i] = value;
            }
            else if (type.IsValueType || type.IsByRef)
            {
                return false;
            }
        }
        if (call.Method is MethodInfo { IsStatic: false })
        {
            values[^1] = Value(call.Method.DeclaringType!, random);
            if (values[^1] is null)
            {
                return false;
            }
        }
        try
        {
            call.Invoke(values, addresses, lengths);
        }
        catch (Exception e) when (e is not InvalidProgramException)
        {
            // refused
        }
        return true;
    }

    private static void Fill(Span<byte> bytes, Random random)
    {
        random.NextBytes(bytes);
        if (random.Next(2) == 0)
        {
            foreach (ref float value in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes))
            {
                value = random.NextSingle() - 0.5f;
            }
        }
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static object? Value(Type type, Random random)
    {
        int number = random.Next(6) == 0 ? s_hostile[random.Next(s_hostile.Length)] : s_numbers[random.Next(s_numbers.Length)];
        if (type.IsEnum)
        {
            Array values = Enum.GetValues(type);
            return random.Next(10) == 0 ? Enum.ToObject(type, number) : values.GetValue(random.Next(values.Length));
        }
        return type == typeof(int) ? number
            : type == typeof(uint) ? (uint)number
            : type == typeof(long) ? (long)number
            : type == typeof(ulong) ? (ulong)number
            : type == typeof(nint) ? (nint)number
            : type == typeof(nuint) ? (nuint)(uint)number
            : type == typeof(short) ? (short)number
            : type == typeof(ushort) ? (ushort)number
            : type == typeof(byte) ? (byte)number
            : type == typeof(sbyte) ? (sbyte)number
            : type == typeof(bool) ? number % 2 == 0
            : type == typeof(float) ? (random.Next(4) == 0 ? float.NaN : random.NextSingle())
            : type == typeof(double) ? random.NextDouble()
            : type == typeof(string) ? "name"
            : type.IsValueType && random.Next(8) == 0 ? RuntimeHelpers.GetUninitializedObject(type)
            : s_samples.TryGetValue(type, out List<object>? samples) ? samples[random.Next(samples.Count)]
            : type.IsValueType ? RuntimeHelpers.GetUninitializedObject(type)
            : null;
    }

    /// <summary>Objects by type: what formats keep in static fields.</summary>
    private static Dictionary<Type, List<object>> Samples()
    {
        var samples = new Dictionary<Type, List<object>>();
        void Add(object? value)
        {
            for (Type? type = value?.GetType(); type is not null && type != typeof(object); type = type.BaseType)
            {
                (samples.TryGetValue(type, out List<object>? list) ? list : samples[type] = []).Add(value!);
            }
        }
        // a codec holds the codebook, the mask or the search that it codes with
        void AddParts(BlockCodec? codec)
        {
            for (Type? type = codec?.GetType(); type is not null; type = type.BaseType)
            {
                foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    object? part = field.GetValue(codec);
                    Add(part is Lazy<VectorGrid> grid ? grid.Value : part);
                    AddParts(part as BlockCodec);
                }
            }
        }
        IEnumerable<Type> Nested(Type type) =>
            type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).SelectMany(Nested).Prepend(type);
        Add(NmPattern.Of(2, 4));
        Add(NmPattern.Of(1, 1));
        Add(NmPattern.Of(8, 16));
        Add(new TrellisEncoder(new(16, TrellisSpec.MinStateBits, 32), 0));
        Add(new TrellisSpec(16, TrellisSpec.MinStateBits, 32));
        Add(new TrellisSpec(68, TrellisSpec.MaxStateBits, 256));
        Add(new GaussianSource(1));
        foreach (CompressedFormat format in Formats.All.All)
        {
            Add(format);
            foreach (Type type in Nested(format.Declaration).Where(type => !type.ContainsGenericParameters))
            {
                foreach (FieldInfo field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
                {
                    if (!field.IsLiteral)
                    {
                        object? value = field.GetValue(null);
                        Add(value);
                        Add(value is ElementSpec spec ? RowCoder.Elements(spec) : null);
                        AddParts(value as BlockCodec);
                    }
                }
            }
        }
        return samples;
    }

    private static IEnumerable<Type> Closed(Type type) =>
        !type.IsGenericTypeDefinition ? [type]
        : type.IsInterface ? []
        : Arguments(type.GetGenericArguments()) is { } arguments ? [type.MakeGenericType(arguments)]
        : [];

    private static IEnumerable<MethodBase> Closed(MethodBase method) =>
        method is not MethodInfo { IsGenericMethodDefinition: true } generic ? [method]
        : Arguments(generic.GetGenericArguments()) is { } arguments ? [generic.MakeGenericMethod(arguments)]
        : [];

    private static Type[]? Arguments(Type[] parameters)
    {
        Type[] arguments =
        [
            .. parameters.Select(parameter =>
            {
                Type[] constraints = parameter.GetGenericParameterConstraints();
                bool Is(Type type) => constraints.Any(one => one == type || (one.IsGenericType && one.GetGenericTypeDefinition() == type));
                return Is(typeof(IBlockFormat<>)) ? typeof(LatticeTwo)
                    : Is(typeof(ICompressedFormat<>)) ? typeof(Q4_0)
                    : Is(typeof(IInt8Recipe)) ? typeof(Q4_0).GetNestedType("Integers", BindingFlags.NonPublic)!
                    : typeof(void);
            }),
        ];
        return arguments.Contains(typeof(void)) ? null : arguments;
    }
}
