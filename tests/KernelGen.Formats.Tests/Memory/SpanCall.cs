using System.Reflection;
using System.Reflection.Emit;

namespace KernelGen.Formats.Tests.Memory;

/// <summary>A method with spans among its parameters, callable by reflection: spans are made of addresses and lengths.</summary>
internal sealed class SpanCall
{
    private readonly Action<object?[], nint[], int[]> _call;

    /// <summary>Prepares a method.</summary>
    /// <param name="method">The method, closed.</param>
    public SpanCall(MethodBase method)
    {
        Method = method;
        Parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        var dynamic = new DynamicMethod(
            "Call",
            typeof(void),
            [typeof(object[]), typeof(nint[]), typeof(int[])],
            typeof(SpanCall).Module,
            true
        );
        ILGenerator il = dynamic.GetILGenerator();
        if (method is MethodInfo { IsStatic: false })
        {
            LoadObject(il, Parameters.Length, method.DeclaringType!);
        }
        for (int i = 0; i < Parameters.Length; i++)
        {
            Load(il, i, Parameters[i]);
        }
        if (method is ConstructorInfo constructor)
        {
            il.Emit(OpCodes.Newobj, constructor);
            il.Emit(OpCodes.Pop);
        }
        else
        {
            il.Emit(method.IsStatic ? OpCodes.Call : OpCodes.Callvirt, (MethodInfo)method);
            if (((MethodInfo)method).ReturnType != typeof(void))
            {
                il.Emit(OpCodes.Pop);
            }
        }
        il.Emit(OpCodes.Ret);
        _call = dynamic.CreateDelegate<Action<object?[], nint[], int[]>>();
    }

    /// <summary>The method.</summary>
    public MethodBase Method { get; }

    /// <summary>Types of its parameters.</summary>
    public Type[] Parameters { get; }

    /// <summary>Element of a span, or null.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(Span<>) || type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>))
            ? type.GetGenericArguments()[0]
            : null;

    /// <summary>Calls the method.</summary>
    /// <param name="values">Values of the other parameters, and the instance behind the last.</param>
    /// <param name="addresses">Addresses of spans.</param>
    /// <param name="lengths">Lengths of spans.</param>
    public void Invoke(object?[] values, nint[] addresses, int[] lengths) => _call(values, addresses, lengths);

    private static void Load(ILGenerator il, int index, Type type)
    {
        if (ElementOf(type) is { } element)
        {
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldc_I4, index);
            il.Emit(OpCodes.Ldelem_I);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldc_I4, index);
            il.Emit(OpCodes.Ldelem_I4);
            il.Emit(OpCodes.Newobj, type.GetConstructor([typeof(void*), typeof(int)])!);
            return;
        }
        if (type.IsByRef)
        {
            // in, ref and out parameters of plain types: a box of their own
            Type target = type.GetElementType()!;
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldc_I4, index);
            il.Emit(OpCodes.Ldelem_Ref);
            il.Emit(OpCodes.Unbox, target);
            return;
        }
        LoadObject(il, index, type);
    }

    private static void LoadObject(ILGenerator il, int index, Type type)
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
        il.Emit(type.IsValueType ? OpCodes.Unbox_Any : OpCodes.Castclass, type);
    }
}
